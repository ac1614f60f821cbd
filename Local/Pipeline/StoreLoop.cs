using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>
/// Pulls batches, as big as the store takes them well, and writes them. While the store is down, or an operator paused it,
/// nothing is pulled: what comes waits, within the memory of the pipeline, and then the streams wait too.
/// </summary>
internal sealed partial class StoreLoop : IDisposable
{
    // So long without a tweet, and the memory of the largest batch is worth more than its next use.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly ITweetStore _store;
    private readonly ChannelReader<TweetBlock> _source;
    private readonly AdaptiveBatch _limits;
    private readonly StatisticsWindow _statistics;
    private readonly BackOff _backOff;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StoreBatch _batch = new();
    private readonly Pulse _resumed = new();
    private readonly List<Activity> _traced = [];
    private BlockPart _rest;
    private long _stored;
    private long _inserted;
    private long _repeats;
    private long _users;
    private long _batches;
    private long _failures;
    private long _rejected;
    private long _done;
    private int _lastBatch;
    private double _lastMs;
    private volatile bool _paused;
    private volatile string? _down;

    public StoreLoop(
        ITweetStore store,
        ChannelReader<TweetBlock> source,
        TweetPipelineOptions options,
        StatisticsWindow statistics,
        TimeProvider time,
        ILogger logger)
    {
        _store = store;
        _source = source;
        _limits = new AdaptiveBatch(options.Batch);
        _statistics = statistics;
        _backOff = new BackOff(options.StoreRetry.First, options.StoreRetry.Longest);
        _time = time;
        _logger = logger;
    }

    /// <summary>Figures.</summary>
    public StoreLoopStatus Status => new(
        Volatile.Read(ref _stored),
        Volatile.Read(ref _inserted),
        Volatile.Read(ref _users),
        Volatile.Read(ref _batches),
        Volatile.Read(ref _lastBatch),
        _limits.Next.Count,
        Volatile.Read(ref _failures),
        Volatile.Read(ref _rejected),
        _paused,
        _down,
        Volatile.Read(ref _repeats),
        TimeSpan.FromMilliseconds(Volatile.Read(ref _lastMs)));

    /// <summary>Records written or rejected so far, repeats of a tweet within a batch included.</summary>
    public long Done => Volatile.Read(ref _done);

    /// <summary>Writes no more, until <see cref="Resume"/>.</summary>
    public void Pause() => _paused = true;

    /// <summary>Goes on.</summary>
    public void Resume()
    {
        _paused = false;
        _resumed.Set();
    }

    /// <summary>Writes until the source is complete and empty.</summary>
    /// <param name="abort">Gives up: what is not written by then stays unwritten.</param>
    public async Task RunAsync(CancellationToken abort)
    {
        while (await FillAsync(abort).ConfigureAwait(false))
        {
            using (TweetTraces.Storing(_traced, _batch.RecordCount))
            {
                await WriteBatchAsync(abort).ConfigureAwait(false);
            }

            TweetTraces.End(_traced);
            Interlocked.Add(ref _repeats, _batch.RecordCount - _batch.TweetCount);
            Interlocked.Add(ref _done, _batch.RecordCount);
            _batch.Clear();
        }
    }

    public void Dispose()
    {
        _batch.Dispose();
        if (_rest.Count > 0)
        {
            _rest.Block.Release();
            _rest = default;
        }
    }

    private async Task<bool> FillAsync(CancellationToken abort)
    {
        await WaitWhilePausedAsync(abort).ConfigureAwait(false);
        if (_rest.Count == 0 && !await WaitForBlocksAsync(abort).ConfigureAwait(false))
        {
            return false;
        }

        var limits = _limits.Next;
        TakeWhatIsThere(limits);
        if (!IsFull(limits))
        {
            await TakeUntilAsync(limits, abort).ConfigureAwait(false);
        }

        return true;
    }

    private async Task<bool> WaitForBlocksAsync(CancellationToken abort)
    {
        var blocks = _source.WaitToReadAsync(abort).AsTask();
        if (!blocks.IsCompleted)
        {
            using var come = CancellationTokenSource.CreateLinkedTokenSource(abort);
            if (await Task.WhenAny(blocks, Task.Delay(Rest, _time, come.Token)).ConfigureAwait(false) != blocks)
            {
                _batch.Release();
            }

            await come.CancelAsync().ConfigureAwait(false);
        }

        return await blocks.ConfigureAwait(false);
    }

    private async Task TakeUntilAsync(BatchLimits limits, CancellationToken abort)
    {
        using var age = new CancellationTokenSource(limits.Age, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(age.Token, abort);
        try
        {
            while (!IsFull(limits) && await _source.WaitToReadAsync(either.Token).ConfigureAwait(false))
            {
                TakeWhatIsThere(limits);
            }
        }
        catch (OperationCanceledException) when (!abort.IsCancellationRequested)
        {
            // Old enough: it goes as it is.
        }
    }

    private void TakeWhatIsThere(BatchLimits limits)
    {
        while (!IsFull(limits))
        {
            if (_rest.Count == 0)
            {
                if (!_source.TryRead(out var block))
                {
                    return;
                }

                _rest = BlockPart.Of(block);
            }

            var count = Math.Min(_rest.Count, limits.Count - _batch.RecordCount);
            var part = _rest with { Count = count };
            _rest = new BlockPart(_rest.Block, _rest.Start + count, _rest.Count - count);
            if (_rest.Count > 0)
            {
                // The batch takes over one reference with each part.
                _rest.Block.Retain();
            }

            _batch.Add(part);
            if (part.Block.Companion is Activity trace)
            {
                _traced.Add(trace);
            }
        }
    }

    private bool IsFull(BatchLimits limits) => _batch.RecordCount >= limits.Count || _batch.Bytes >= limits.Bytes;

    private async Task WaitWhilePausedAsync(CancellationToken abort)
    {
        while (true)
        {
            var resumed = _resumed.Next;
            if (!_paused)
            {
                return;
            }

            await resumed.WaitAsync(abort).ConfigureAwait(false);
        }
    }
}
