using Microsoft.Extensions.Logging;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>
/// Has one stage score blocks: by workers, no more at a time than the limit lets in. A worker that crashed has done what came before
/// the kill message; what is behind it goes to the next worker. For any number of threads.
/// </summary>
internal sealed class StageRunner(
    Stages stage, int ordinal, int stages, IWorkerGrain worker, Join join, ConcurrencyLimit limit, StatisticsWindow statistics, TimeProvider time, ILogger logger)
{
    private const int Attempts = 3;
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
    public async Task RunAsync(TweetBlock block, Action<TweetBlock> complete, CancellationToken cancellationToken)
    {
        var (start, failures) = (0, 0);
        while (start < block.Count && ScoreCodec.Write(block, start, stage, ordinal, stages) is { } items)
        {
            if (!await limit.EnterAsync(cancellationToken))
            {
                await Task.Delay(Pause, time, cancellationToken);
                continue;
            }

            var (began, end, tweets) = (time.GetTimestamp(), CallEnd.Failed, TweetsIn(block, start));
            try
            {
                var reply = await worker.ScoreAsync(new ScoreRequest(items), CancellationToken.None);
                end = CallEnd.Done;
                Report(block, start, block.Count - start, ScoreCodec.Take(block, start, tweets, stage, reply.Scores), complete);
                start = block.Count;
            }
            catch (WorkerCrashedException crash)
            {
                Interlocked.Increment(ref _crashes);
                PipelineMetrics.Crashes.Add(1);
                statistics.Crashed();
                start = AfterCrash(block, start, crash, complete);
            }
#pragma warning disable CA1031 // Whatever a call throws: the tweets are still here, and the join says how long there is to try.
            catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
            {
                end = exception is TimeoutException or LimitExceededException ? CallEnd.Overloaded : CallEnd.Failed;
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
                limit.Leave(elapsed, end, Math.Max(1, tweets));
                if (end == CallEnd.Done)
                {
                    statistics.Worked(elapsed / Math.Max(1, tweets));
                }
            }

            if (failures > 0 && start < block.Count)
            {
                await Task.Delay(Pause * failures, time, cancellationToken);
            }
        }
    }

    private int AfterCrash(TweetBlock block, int start, WorkerCrashedException crash, Action<TweetBlock> complete)
    {
        var at = ScoreCodec.Take(block, start, crash.Done, stage, crash.Scores);
        Report(block, start, at - start, at, complete);
        while (at < block.Count && !ScoreCodec.IsKillFor(block, at, ordinal, stages))
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

    private static int TweetsIn(TweetBlock block, int start)
    {
        var count = 0;
        foreach (ref readonly var record in block.Records[start..])
        {
            count += record.IsTweet ? 1 : 0;
        }

        return count;
    }
}
