using System.Globalization;
using Microsoft.Extensions.Logging;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>
/// One stream of tweets, connected again and again: with back-off, from where it stopped where the server numbers its events.
/// What it reads goes to a sink in blocks; while the sink does not come back, nothing is read, and the server feels it.
/// </summary>
internal sealed partial class TweetStream
{
    /// <summary>With less room than this a block is read before more is asked for.</summary>
    private const int NearlyFull = 24 << 10;

    /// <summary>How long a rejected message is news, and the shortest time between two entries of the log about them.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(10);

    private readonly Uri _uri;
    private readonly int _number;
    private readonly TweetStreamOptions _options;
    private readonly TweetStreamReader _reader;
    private readonly TweetBlockPool _pool;
    private readonly Func<TweetBlock, ValueTask> _sink;
    private readonly Func<CancellationToken, ValueTask> _ready;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BackOff _backOff;
    private readonly long[] _ends = new long[Enum.GetValues<StreamEnd>().Length];
    private long _connects;
    private long _reconnects;
    private long _lastByte;
    private TweetBlock? _block;
    private volatile bool _connected;
    private volatile bool _waits;
    private bool _failed;
    private volatile string? _lastEnd;
    private volatile string? _rejecting;
    private long _rejected;
    private long _rejectedAt;
    private long _tooLong;
    private long? _rejectsTold;

    /// <summary>A stream that is read by <see cref="RunAsync"/>.</summary>
    /// <param name="uri">Its address.</param>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="options">Timeouts.</param>
    /// <param name="reader">What makes records of bytes.</param>
    /// <param name="pool">Where blocks come from.</param>
    /// <param name="sink">Takes each block that has records, and the reference to it; not asked to stop halfway.</param>
    /// <param name="ready">Completes once there is memory for another block.</param>
    /// <param name="time">Time for back-off and stalls.</param>
    /// <param name="logger">Told of each connection and its end.</param>
    public TweetStream(
        Uri uri,
        int number,
        TweetStreamOptions options,
        TweetStreamReader reader,
        TweetBlockPool pool,
        Func<TweetBlock, ValueTask> sink,
        Func<CancellationToken, ValueTask> ready,
        TimeProvider time,
        ILogger logger)
    {
        _uri = uri;
        _number = number;
        _options = options;
        _reader = reader;
        _pool = pool;
        _sink = sink;
        _ready = ready;
        _time = time;
        _logger = logger;
        _backOff = new BackOff(options.MinBackOff, options.MaxBackOff);
    }

    /// <summary>Called when it is connected again after a failure: the server may be another one now.</summary>
    public Action? Recovered { get; set; }

    /// <summary>Figures of the stream.</summary>
    public TweetStreamStatus Status => new(
        _number,
        _connected,
        Volatile.Read(ref _connects),
        Volatile.Read(ref _reconnects),
        Enum.GetValues<StreamEnd>().Where(e => Volatile.Read(ref _ends[(int)e]) > 0).ToDictionary(e => e, e => Volatile.Read(ref _ends[(int)e])),
        _lastEnd,
        _time.GetElapsedTime(Volatile.Read(ref _rejectedAt)) < Lately ? _rejecting : null,
        _reader.Counters);

    /// <summary>Reads until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ConnectAndReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (StreamEndedException e)
            {
                if (!await WaitAsync(Note(e), cancellationToken).ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (Exception e)
            {
                // Whatever it was, the next connection may do better; a stream that is not read any more helps nobody.
                var end = new StreamEndedException(StreamEnd.Failed, $"reading {_uri} failed: {e.GetType().Name}: {e.Message}", e);
                if (!await WaitAsync(Note(end), cancellationToken).ConfigureAwait(false))
                {
                    return;
                }
            }
        }
    }

    private async ValueTask<bool> WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        _reconnects++;
        return true;
    }

    private TimeSpan Note(StreamEndedException e)
    {
        _ends[(int)e.End]++;
        _lastEnd = e.Message;
        var wait = _backOff.Next(_reader.Retry);
        if (e.End == StreamEnd.Ended)
        {
            LogEnded(_number, e.Message, (long)wait.TotalMilliseconds);
        }
        else
        {
            _failed = true;
            LogFailed(_number, e.Message, (long)wait.TotalMilliseconds);
        }

        return wait;
    }

    private async Task ConnectAndReadAsync(CancellationToken cancellationToken)
    {
        using var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        _connects++;
        LogConnected(_number, _uri);
        if (_failed)
        {
            _failed = false;
            Recovered?.Invoke();
        }

        using var stalled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Volatile.Write(ref _lastByte, _time.GetTimestamp());
        var watch = _options.StallTimeout / 4;
        await using var watchdog = _time.CreateTimer(_ => CheckStall(stalled), null, watch, watch).ConfigureAwait(false);
        _block = _pool.Rent();
        _connected = true;
        try
        {
            while (await FillAsync(connection, _block, stalled.Token).ConfigureAwait(false))
            {
                await PassOnAsync(cancellationToken).ConfigureAwait(false);
            }

            await PassOnAsync(cancellationToken).ConfigureAwait(false);
            throw new StreamEndedException(StreamEnd.Ended, $"{_uri} ended the stream");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StreamEndedException(
                StreamEnd.Stalled, $"{_uri} brought no byte for {_options.StallTimeout.TotalSeconds:0.###} s");
        }
        catch (Exception e) when (e is IOException or HttpRequestException or System.Net.Sockets.SocketException)
        {
            throw new StreamEndedException(StreamEnd.Broken, $"the connection to {_uri} broke: {e.Message}", e);
        }
        finally
        {
            _connected = false;
            _reader.EndOfStream();
            _block.Release();
            _block = null;
        }
    }

    private async Task<SseConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await SseConnection.OpenAsync(_uri, _reader.LastEventId, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StreamEndedException(
                StreamEnd.Refused, $"{_uri} did not answer within {_options.ConnectTimeout.TotalSeconds:0.###} s");
        }
    }

    /// <summary>Fills the block with what there is.</summary>
    /// <returns>False where the stream ended.</returns>
    private async ValueTask<bool> FillAsync(SseConnection connection, TweetBlock block, CancellationToken cancellationToken)
    {
        var lingered = _options.Linger == TimeSpan.Zero;
        do
        {
            var bytes = await connection.Body.ReadAsync(block.Free, cancellationToken).ConfigureAwait(false);
            if (bytes == 0)
            {
                return false;
            }

            block.Advance(bytes);
            Volatile.Write(ref _lastByte, _time.GetTimestamp());
            if (!lingered && !connection.HasMore)
            {
                // A trickle: a moment later there is more to read at once.
                lingered = true;
                await Task.Delay(_options.Linger, _time, cancellationToken).ConfigureAwait(false);
            }
        }
        while (block.Free.Length > NearlyFull && connection.HasMore);
        return true;
    }

    /// <summary>Reads the events of the block and sends it on, the moment they are whole.</summary>
    private async ValueTask PassOnAsync(CancellationToken cancellationToken)
    {
        var block = _block!;
        var count = _reader.Read(block);
        NoteRejected();
        if (count == 0)
        {
            return;
        }

        _backOff.Reset();
        block.Stream = _number;
        block.ReceivedAt = Volatile.Read(ref _lastByte);
        _block = _reader.Detach(block, _pool);
        // Waiting for the pipeline is no stall of the server.
        _waits = true;
        try
        {
            await _sink(block).ConfigureAwait(false);
            await _ready(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _lastByte, _time.GetTimestamp());
            _waits = false;
        }
    }

    private void NoteRejected()
    {
        var read = _reader.Counters;
        var rejected = read.Rejected + read.TooLong;
        if (rejected == _rejected)
        {
            return;
        }

        var reason = read.Rejected + _tooLong > _rejected ? read.LastReason.ToString() : "TooLong";
        (_rejected, _tooLong) = (rejected, read.TooLong);
        _rejecting = string.Create(CultureInfo.InvariantCulture, $"{rejected:N0} {(rejected == 1 ? "message" : "messages")} rejected ({reason})");
        var now = _time.GetTimestamp();
        Volatile.Write(ref _rejectedAt, now);
        if (_rejectsTold is not { } told || _time.GetElapsedTime(told, now) >= Lately)
        {
            _rejectsTold = now;
            LogRejected(_number, _rejecting);
        }
    }

    private void CheckStall(CancellationTokenSource stalled)
    {
        if (_waits || _time.GetElapsedTime(Volatile.Read(ref _lastByte)) < _options.StallTimeout)
        {
            return;
        }

        try
        {
            stalled.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The connection has just ended for another reason.
        }
    }

    [LoggerMessage(LogLevel.Warning, "stream {Number}: {Rejecting}")]
    private partial void LogRejected(int number, string rejecting);

    [LoggerMessage(LogLevel.Information, "stream {Number}: connected to {Uri}")]
    private partial void LogConnected(int number, Uri uri);

    [LoggerMessage(LogLevel.Information, "stream {Number}: {Reason}; connecting again in {Wait} ms")]
    private partial void LogEnded(int number, string reason, long wait);

    [LoggerMessage(LogLevel.Warning, "stream {Number}: {Reason}; connecting again in {Wait} ms")]
    private partial void LogFailed(int number, string reason, long wait);
}
