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

    private readonly ConcurrentDictionary<TweetBlock, Waiting> _out = new();
    private readonly Join _join;
    private readonly IReadOnlyList<StageRunner> _stages;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private volatile bool _stopped;

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

        var waiting = new Waiting();
        if (block.TweetCount == 0)
        {
            waiting.Done.SetResult();
        }
        else
        {
            await JoinAsync(block, waiting, cancellationToken);
        }

        foreach (var stage in _stages)
        {
            block.Retain();
            _ = RunAsync(stage, block, waiting.Left.Token);
        }

        await waiting.Done.Task.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _stopped = true;
        foreach (var waiting in _out.Values)
        {
            waiting.Left.Cancel();
        }
    }

    private long Now => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Takes a reference to the block into the join, as soon as there is room.</summary>
    private async Task JoinAsync(TweetBlock block, Waiting waiting, CancellationToken cancellationToken)
    {
        block.Retain();
        _out[block] = waiting;
        try
        {
            while (!_join.TryAdd(block, Now))
            {
                ObjectDisposedException.ThrowIf(_stopped, this);
                await Task.Delay(Look, _time, cancellationToken);
            }
        }
        catch
        {
            Complete(block);
            throw;
        }
    }

    private async Task RunAsync(StageRunner stage, TweetBlock block, CancellationToken left)
    {
        try
        {
            await stage.RunAsync(block, Complete, left);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for its scores any more: to go on would take the turn of a block that somebody waits for.
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
        if (_out.TryRemove(block, out var waiting))
        {
            waiting.Done.TrySetResult();
            waiting.Left.Cancel();
        }

        block.Release();
    }

    /// <summary>A block that was not scored by all stages yet.</summary>
    private sealed class Waiting
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Cancelled when the block has left. Holds nothing that would have to be disposed of.</summary>
        public CancellationTokenSource Left { get; } = new();
    }
}
