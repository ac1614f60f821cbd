using Microsoft.AspNetCore.Connections;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>
/// One client of the line protocol: reads its lines, executes them in batches, writes replies and events. Reading stops
/// while too many commands are in execution or too many replies wait for a slow reader.
/// </summary>
internal sealed partial class LineConnection : ISessionReceiver, IDisposable
{
    private const int MostCommandsOfRound = 4096;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    private readonly ConnectionContext _transport;
    private readonly IBroker _broker;
    private readonly WireOptions _options;
    private readonly TimeProvider _time;
    private readonly WireLog _log;
    private readonly Func<int> _connections;
    private readonly Gatekeeper? _gatekeeper;
    private readonly SendQueue _sendQueue;
    private readonly CommandReader _commands;
    private readonly ReplyQueue _replies;
    private readonly ByteBuffer _partial = new();
    private readonly CancellationTokenSource _gone;
    private readonly SendProgress _progress;
    private IBrokerSession? _session;
    private string? _lastWords;
    private int _longestLine;
    private int _ended;
    private long _active;

    public LineConnection(
        ConnectionContext transport, IBroker broker, WireOptions options, TimeProvider time, WireLog log, Func<int> connections, Gatekeeper? gatekeeper)
    {
        (_transport, _broker, _options, _time, _log, _connections) = (transport, broker, options, time, log, connections);
        _gatekeeper = gatekeeper;
        var shares = new SubscriptionShares(options);
        _sendQueue = new SendQueue(new ConnectionOutput(transport, options.Tls is not null), options.MaxPendingOutput, shares.Ended);
        _progress = new SendProgress(transport, _sendQueue, time);
        _commands = new CommandReader(options, broker.Limits, _sendQueue, shares) { Grant = options.Access is null ? Grant.Everything : options.Access.Anonymous };
        _longestLine = _commands.Grant is null ? Math.Min(options.MaxLineBytes, WireOptions.LongestHello) : options.MaxLineBytes;
        _replies = new ReplyQueue(_sendQueue, new ReplyWriter(_sendQueue, shares), log);
        _gone = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _active = time.GetTimestamp();
    }

    /// <summary>Time since the last command or event.</summary>
    public TimeSpan Idle => _time.GetElapsedTime(Volatile.Read(ref _active));

    private bool HasEnded => Volatile.Read(ref _ended) != 0;

    /// <summary>Serves the client until it leaves or is told to.</summary>
    public async Task RunAsync()
    {
        using var late = ExpectToken();
        var sending = _sendQueue.SendAsync(GrantCredit, Sent);
        var lingers = false;
        try
        {
            lock (_sendQueue.Gate)
            {
                _sendQueue.Ready.Append("Successfully connected to message_broker\r\n"u8);
            }

            _sendQueue.Wake();
            lingers = await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The peer went away in the middle of something: nobody is left to be told.
        }
        finally
        {
            await FinishAsync(sending, lingers).ConfigureAwait(false);
        }
    }

    /// <summary>Stops reading; what was read is answered, then the line is said and the connection closed.</summary>
    public void End(string? lastWords)
    {
        if (Interlocked.CompareExchange(ref _ended, 1, 0) == 0)
        {
            _lastWords = lastWords;
            _gone.CancelAfter(_options.DrainTimeout);
            Interrupt();
        }
    }

    /// <summary>
    /// Closes the connection where the client has taken nothing of what waits for it for so long: there is nobody to be told,
    /// and what it had in flight is given back.
    /// </summary>
    public void EndIfStalled(TimeSpan longest)
    {
        if (_progress.Look(longest / 4) >= longest && !HasEnded)
        {
            WireMetrics.Stalled.Add(1);
            _log.Stalled(_transport.RemoteEndPoint, longest);
            End(null);
            _transport.Abort();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gone.Dispose();

    /// <inheritdoc/>
    public void Deliver(TopicName topic, long after, ReadOnlySpan<Delivery> deliveries)
    {
        lock (_sendQueue.Gate)
        {
            _sendQueue.Deliver(_commands.Topic(topic), after, deliveries);
        }

        Volatile.Write(ref _active, _time.GetTimestamp());
        WireMetrics.Deliveries.Add(deliveries.Length);
        _sendQueue.Wake();
    }

    /// <inheritdoc/>
    public void Dropped(TopicName topic, long after)
    {
        lock (_sendQueue.Gate)
        {
            _sendQueue.Dropped(_commands.Topic(topic), after);
        }

        WireMetrics.SubscriptionsDropped.Add(1);
        _sendQueue.Wake();
    }

    /// <inheritdoc/>
    public void Close(SessionEnd reason)
    {
        if (reason == SessionEnd.TakenOver)
        {
            WireMetrics.TakenOver.Add(1);
        }

        lock (_sendQueue.Gate)
        {
            _sendQueue.RefuseDeliveries();
        }

        End(reason switch
        {
            SessionEnd.TakenOver => Errors.TakenOver,
            SessionEnd.ShuttingDown => Errors.ShuttingDown,
            _ => Errors.Lost,
        });
    }

    private void GrantCredit(TopicState topic, long bytes) => _session?.Grant(topic.Name, bytes);

    /// <summary>Something was sent, or cannot be: replies that waited for that go on.</summary>
    private void Sent()
    {
        _replies.Drain();
        if (_sendQueue.IsGone)
        {
            Interrupt();
        }
    }

    private void Interrupt()
    {
        _replies.Wake();
        _transport.Transport.Input.CancelPendingRead();
    }
}
