using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Tweets;
using Rookery.Wire;

namespace Rookery.Local;

/// <summary>
/// From the streams to the store: read, route to the pools that score, join, rank and count, write in batches. Every part waits
/// for the next one, so pressure travels back to the sockets; the bytes on their way are bounded as a whole.
/// </summary>
public sealed partial class TweetPipeline : IViewerSource, IAsyncDisposable
{
    private readonly TweetPipelineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TweetBlockPool _blocks;
    private readonly SequenceSource _sequences = new();
    private readonly List<TweetStream> _streams = [];
    private readonly List<TweetStreamReader> _readers = [];
    private readonly ScoringPools _pools;
    private readonly Join _join;
    private readonly StatisticsWindow _statistics = new("#1");
    private readonly ViewerHub _viewers = new();
    private readonly HashtagRanking _hashtags;
    private readonly Lock _hashtagGate = new();
    private readonly Pulse _moved = new();
    private readonly Pulse _arrived = new();
    private readonly LexiconSource _lexicon;
    private readonly Channel<TweetBlock> _joined = Channel.CreateUnbounded<TweetBlock>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Channel<TweetBlock> _toStore = Channel.CreateUnbounded<TweetBlock>(new UnboundedChannelOptions { SingleReader = true });
    private readonly StoreLoop? _store;
    private readonly CancellationTokenSource _stopReading = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly List<Task> _running = [];
    private IReadOnlyList<HashtagCount> _top = [];
    private Task _reading = Task.CompletedTask;
    private Task _collecting = Task.CompletedTask;
    private Task _storing = Task.CompletedTask;
    private long _collected;
    private long _lost;
    private int _refreshing;
    private bool _joinRests;
    private bool _started;
    private bool _stopped;

    /// <summary>A pipeline that is started by <see cref="StartAsync"/>.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="store">Where tweets go; null: they are scored, ranked and shown, and not stored.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="logger">Told of connections, outages and crashes.</param>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public TweetPipeline(
        TweetPipelineOptions options, ITweetStore? store, TimeProvider? time = null, ILogger<TweetPipeline>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<TweetPipeline>.Instance;
        _blocks = new TweetBlockPool(TweetBlockPool.DefaultBlockBytes, (int)(options.MaxBytesInFlight / TweetBlockPool.DefaultBlockBytes))
        {
            Returned = _moved.Set,
        };
        _join = new Join(options.Join);
        _hashtags = new HashtagRanking(options.Hashtags);
        _lexicon = new LexiconSource(options.Source, options.LexiconTimeout, _logger);
        _store = store is null ? null : new StoreLoop(store, _toStore.Reader, options, _statistics, _time, _logger);
        _pools = new ScoringPools(options, _join, _statistics, _viewers, Complete, _time, _logger);
        for (var i = 1; i <= options.Streams; i++)
        {
            var reader = new TweetStreamReader(_sequences, options.Reader);
            var uri = new Uri(options.Source, $"/tweets/{i}");
            _readers.Add(reader);
            _streams.Add(new TweetStream(uri, i, options.Stream, reader, _blocks, RouteAsync, WaitForMemoryAsync, _time, _logger)
            {
                Recovered = () => _ = RefreshLexiconAsync(),
            });
        }
    }

    /// <summary>How it is.</summary>
    public PipelineStatus Status => TakeStatus();

    /// <summary>What people see of the tweets that pass.</summary>
    public TweetGlimpse Glimpse { get; } = new();

    /// <summary>Records by sentiment in the last minute.</summary>
    public IReadOnlyList<SentimentBar> Sentiments => Glimpse.Distribution(Now);

    /// <summary>The most frequent hashtags, looked up once a second.</summary>
    public IReadOnlyList<HashtagCount> TopHashtags => Volatile.Read(ref _top);

    /// <summary>Asks the server for its lexicon, and begins to read: with it, or after a moment without; then it is used once it comes.</summary>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_started)
        {
            throw new InvalidOperationException("A pipeline starts once.");
        }

        _started = true;
        await Task.WhenAny(RefreshLexiconAsync(), Task.Delay(LexiconPatience, _time, cancellationToken)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();

        _storing = _store is null ? Task.CompletedTask : Task.Run(() => _store.RunAsync(_abort.Token), CancellationToken.None);
        _collecting = Task.Run(CollectAsync, CancellationToken.None);
        _running.Add(Task.Run(WatchJoinAsync, CancellationToken.None));
        _running.Add(Task.Run(RankAsync, CancellationToken.None));
        _reading = Task.WhenAll(_streams.Select(ReadAsync));
    }

    /// <summary>Stops writing to the store until <see cref="Resume"/>: for an operator. The streams wait once the buffers are full.</summary>
    public void Pause() => _store?.Pause();

    /// <summary>Writes to the store again.</summary>
    public void Resume() => _store?.Resume();

    /// <summary>Sends a kill message through the pools, as a stream does: one worker draws it, crashes and is replaced.</summary>
    /// <exception cref="InvalidOperationException">The pipeline does not run.</exception>
    public async Task KillAsync()
    {
        if (!_started || _stopped)
        {
            throw new InvalidOperationException("the pipeline does not run");
        }

        var block = _blocks.Rent();
        KillMessage.CopyTo(block.Free.Span);
        block.Advance(KillMessage.Length);
        new TweetStreamReader(_sequences, _options.Reader).Read(block);
        await RouteAsync(block).ConfigureAwait(false);
    }

    /// <summary>What was measured since the last call, for the statistics topics.</summary>
    public IReadOnlyList<TopicStatistics> CloseStatistics() => _statistics.Close();

    /// <inheritdoc/>
    public IAsyncEnumerable<ViewedTweet> WatchAsync(CancellationToken cancellationToken) => _viewers.WatchAsync(cancellationToken);

    /// <summary>Stops reading, and brings what was read to its end: scored, joined, written.</summary>
    /// <param name="deadline">When cancelled, what is left is given up, and counted in <see cref="PipelineStatus.Lost"/>.</param>
    public async Task StopAsync(CancellationToken deadline)
    {
        if (!_started || _stopped)
        {
            return;
        }

        _stopped = true;
        using var giveUp = deadline.Register(() => _abort.Cancel());
        await _stopReading.CancelAsync().ConfigureAwait(false);
        _store?.Resume();
        await _reading.ConfigureAwait(false);
        var drained = await IsWholeAsync(_pools.DrainAsync(_abort.Token)).ConfigureAwait(false);

        // Scores that have not come by now do not come any more.
        Expire(long.MaxValue);
        _joined.Writer.TryComplete();
        await _collecting.ConfigureAwait(false);
        _toStore.Writer.TryComplete();
        var stored = await IsWholeAsync(_storing).ConfigureAwait(false);
        if (!stored)
        {
            Interlocked.Add(ref _lost, Volatile.Read(ref _collected) - _store!.Done);
        }

        if (!drained || !stored)
        {
            LogCutShort(Volatile.Read(ref _lost));
        }

        await _abort.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running).ConfigureAwait(false);
    }

    /// <summary>Stops, if that has not happened, without waiting for the store, and gives everything back.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        await _pools.DisposeAsync().ConfigureAwait(false);
        _store?.Dispose();
        _lexicon.Dispose();
        _stopReading.Dispose();
        _abort.Dispose();
    }

    private static ReadOnlySpan<byte> KillMessage => "event: message\ndata: {\"message\": panic}\n\n"u8;

    private long Now => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    private async Task ReadAsync(TweetStream stream, int index)
    {
        try
        {
            await Task.Delay(_options.StreamDelay * index, _time, _stopReading.Token).ConfigureAwait(false);
            await Task.Run(() => stream.RunAsync(_stopReading.Token), CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopped before it began, or while the pools were full.
        }
        catch (Exception e)
        {
            // The other streams go on, and a stop brings what was read to its end.
            LogStreamGone(index + 1, e);
        }
    }

    /// <summary>Hands a block that was read to the join and to each pool.</summary>
    private async ValueTask RouteAsync(TweetBlock block)
    {
        TweetTraces.Begin(block, _time);

        // One reference for the join, which may let go of the block as soon as its time is up, and one for this method.
        block.Retain();
        try
        {
            await AddToJoinAsync(block).ConfigureAwait(false);
            await _pools.SendAsync(block, _abort.Token).ConfigureAwait(false);
        }
        finally
        {
            block.Release();
        }
    }

    private async ValueTask AddToJoinAsync(TweetBlock block)
    {
        if (block.TweetCount == 0)
        {
            block.Release();
            return;
        }

        if (!_pools.Any)
        {
            Complete(block);
            return;
        }

        try
        {
            while (true)
            {
                var moved = _moved.Next;
                if (_join.TryAdd(block, Now))
                {
                    if (Volatile.Read(ref _joinRests))
                    {
                        _arrived.Set();
                    }

                    return;
                }

                await moved.WaitAsync(_abort.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            Interlocked.Add(ref _lost, block.TweetCount);
            block.Release();
            throw;
        }
    }

    private void Complete(TweetBlock block)
    {
        TweetTraces.Scored(block);
        if (!_joined.Writer.TryWrite(block))
        {
            Interlocked.Add(ref _lost, block.TweetCount);
            block.Release();
        }

        _moved.Set();
    }

    private async ValueTask WaitForMemoryAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var moved = _moved.Next;
            if (_blocks.BytesInUse < _options.MaxBytesInFlight)
            {
                return;
            }

            await moved.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CollectAsync()
    {
        await foreach (var block in _joined.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            lock (_hashtagGate)
            {
                _hashtags.Add(BlockPart.Of(block), Now);
            }

            Glimpse.Look(block, Now);

            Interlocked.Add(ref _collected, block.TweetCount);
            if (_store is null || !_toStore.Writer.TryWrite(block))
            {
                TweetTraces.End(block);
                block.Release();
            }
        }
    }

    private static async Task<bool> IsWholeAsync(Task work)
    {
        try
        {
            await work.ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "stopped before everything that was read was scored and stored; {Lost} records are lost")]
    private partial void LogCutShort(long lost);

    [LoggerMessage(LogLevel.Error, "stream {Number}: is not read any more")]
    private partial void LogStreamGone(int number, Exception reason);
}
