using System.Collections.Concurrent;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>
/// Where the readers of a silo have their blocks scored: by all stages side by side, joined with a time limit. What does not come in
/// time the block leaves without, and it is counted. For any number of threads.
/// </summary>
internal sealed class ScoringDesk : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<TweetBlock, TaskCompletionSource> _out = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Join _join;
    private readonly IReadOnlyList<StageRunner> _stages;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <summary>A desk for some stages.</summary>
    /// <param name="join">The join that the stages report to.</param>
    /// <param name="stages">The stages; none: blocks leave as they come.</param>
    /// <param name="time">The clock.</param>
    public ScoringDesk(Join join, IReadOnlyList<StageRunner> stages, TimeProvider time)
    {
        (_join, _stages, _time) = (join, stages, time);
        _timer = time.CreateTimer(static desk => ((ScoringDesk)desk!).Expire(), this, Look, Look);
    }

    /// <summary>The stages.</summary>
    public IReadOnlyList<StageRunner> Stages => _stages;

    /// <summary>What happened in the join.</summary>
    public JoinCounters Counters => _join.Counters;

    /// <summary>Completes when every stage has scored every tweet of a block, or time is up.</summary>
    /// <param name="block">The caller keeps its reference.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public async Task ScoreAsync(TweetBlock block, CancellationToken cancellationToken)
    {
        if (_stages.Count == 0 || block.Count == 0)
        {
            return;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (block.TweetCount == 0)
        {
            done.SetResult();
        }
        else
        {
            block.Retain();
            _out[block] = done;
            while (!_join.TryAdd(block, Now))
            {
                await Task.Delay(Look, _time, cancellationToken);
            }
        }

        foreach (var stage in _stages)
        {
            block.Retain();
            _ = RunAsync(stage, block);
        }

        await done.Task.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _stop.Cancel();
        _stop.Dispose();
    }

    private long Now => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    private async Task RunAsync(StageRunner stage, TweetBlock block)
    {
        try
        {
            await stage.RunAsync(block, Complete, _stop.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The silo ends.
        }
        finally
        {
            block.Release();
        }
    }

    private void Expire()
    {
        var expired = new List<TweetBlock>();
        _join.Expire(Now, expired);
        foreach (var block in expired)
        {
            PipelineMetrics.Expired.Add(block.TweetCount);
            Complete(block);
        }
    }

    private void Complete(TweetBlock block)
    {
        if (_out.TryRemove(block, out var done))
        {
            done.TrySetResult();
        }

        block.Release();
    }
}
