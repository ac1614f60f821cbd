using Microsoft.Extensions.Logging;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>
/// Has one stage score blocks: by workers, no more at a time than the limit lets in. A worker that crashed has done what came before
/// the kill message; what is behind it goes to the next worker. For any number of threads.
/// </summary>
/// <remarks>
/// No call may take longer than the runtime allows it. Scoring a block takes far less, but workers that pretend to work for half a second per
/// tweet do not: a call of those gets as few records as fit, and several calls share a block.
/// </remarks>
internal sealed class StageRunner(
    Stages stage, int ordinal, int stages, IWorkerGrain worker, Join join, ConcurrencyLimit limit, StatisticsWindow statistics, TimeProvider time, ILogger logger,
    int recordsPerCall = int.MaxValue)
{
    private const int Attempts = 3;
    private const int MostCallsOfABlock = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private long _crashes;
    private long _failures;

    /// <summary>The stage.</summary>
    public Stages Stage => stage;

    /// <summary>What lets calls in.</summary>
    public ConcurrencyLimit Limit => limit;

    /// <summary>Workers that crashed.</summary>
    public long Crashes => Interlocked.Read(ref _crashes);

    /// <summary>Calls that failed otherwise.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Scores a block, and reports to the join.</summary>
    /// <param name="block">The caller holds a reference until this is done.</param>
    /// <param name="complete">Called where this was the last score the block waited for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task RunAsync(TweetBlock block, Action<TweetBlock> complete, CancellationToken cancellationToken)
    {
        if (block.Count <= recordsPerCall)
        {
            return RunAsync(block, 0, block.Count, complete, cancellationToken);
        }

        var parts = Math.Min(MostCallsOfABlock, (block.Count + recordsPerCall - 1) / recordsPerCall);
        return Task.WhenAll(Enumerable.Range(0, parts).Select(
            part => RunAsync(block, block.Count * part / parts, block.Count * (part + 1) / parts, complete, cancellationToken)));
    }

    private async Task RunAsync(TweetBlock block, int start, int behind, Action<TweetBlock> complete, CancellationToken cancellationToken)
    {
        var failures = 0;
        while (start < behind)
        {
            var end = behind - start > recordsPerCall ? start + recordsPerCall : behind;
            if (ScoreCodec.Write(block, start, end, stage, ordinal, stages) is not { } items)
            {
                start = end;
                continue;
            }

            if (!await limit.EnterAsync(cancellationToken))
            {
                await Task.Delay(Pause, time, cancellationToken);
                continue;
            }

            var (began, outcome, tweets) = (time.GetTimestamp(), CallEnd.Failed, TweetsIn(block, start, end));
            try
            {
                var reply = await worker.ScoreAsync(new ScoreRequest(items), CancellationToken.None);
                outcome = CallEnd.Done;
                Report(block, start, end - start, ScoreCodec.Take(block, start, tweets, stage, reply.Scores), complete);
                start = end;
            }
            catch (WorkerCrashedException crash)
            {
                Interlocked.Increment(ref _crashes);
                PipelineMetrics.Crashes.Add(1);
                statistics.Crashed();
                start = AfterCrash(block, start, end, crash, complete);
            }
#pragma warning disable CA1031 // Whatever a call throws: the tweets are still here, and the join says how long there is to try.
            catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
            {
                outcome = exception is TimeoutException or LimitExceededException ? CallEnd.Overloaded : CallEnd.Failed;
                Interlocked.Increment(ref _failures);
                if (++failures == Attempts)
                {
                    PipelineLog.NotScored(logger, stage, tweets, exception.Message);
                    return;
                }
            }
            finally
            {
                var elapsed = time.GetElapsedTime(began);
                limit.Leave(elapsed, outcome, Math.Max(1, tweets));
                if (outcome == CallEnd.Done)
                {
                    statistics.Worked(elapsed / Math.Max(1, tweets));
                }
            }

            if (failures > 0 && start < behind)
            {
                await Task.Delay(Pause * failures, time, cancellationToken);
            }
        }
    }

    private int AfterCrash(TweetBlock block, int start, int end, WorkerCrashedException crash, Action<TweetBlock> complete)
    {
        var at = ScoreCodec.Take(block, start, crash.Done, stage, crash.Scores);
        Report(block, start, at - start, at, complete);
        while (at < end && !ScoreCodec.IsKillFor(block, at, ordinal, stages))
        {
            at++;
        }

        return at + 1;
    }

    private void Report(TweetBlock block, int start, int count, int end, Action<TweetBlock> complete)
    {
        if (end > start && join.Report(new BlockPart(block, start, count), stage))
        {
            complete(block);
        }
    }

    private static int TweetsIn(TweetBlock block, int start, int end)
    {
        var count = 0;
        foreach (ref readonly var record in block.Records[start..end])
        {
            count += record.IsTweet ? 1 : 0;
        }

        return count;
    }
}
