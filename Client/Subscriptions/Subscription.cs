using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Rookery.Client;

/// <summary>
/// A subscription to a topic: enumerate it to receive. It outlives reconnects. With a <see cref="SubscribeOptions.Group"/> or a
/// <see cref="RookeryClientOptions.Name"/> it goes on where it was, and an event the consumer has acknowledged does not come again.
/// Without, the broker forgets it with the connection, and the client begins a new one behind the newest event it handed out:
/// events of lower priority that still waited are not delivered then.
/// </summary>
/// <remarks>
/// Leaving the enumeration only stops asking: up to a window of events stays here, unacknowledged, until it is enumerated again,
/// or the client is disposed and the broker delivers them elsewhere. <see cref="UnsubscribeAsync"/> ends the subscription.
/// </remarks>
public sealed partial class Subscription : IAsyncEnumerable<ReceivedEvent>
{
    private readonly Lock _gate = new();
    private readonly AsyncSignal _arrived = new();
    private readonly RookeryClient _client;
    private readonly SubscribeOptions _options;
    private readonly EventBuffer _buffer = new();
    private bool _established;
    private bool _live;
    private bool _ended;
    private bool _enumerated;
    private Exception? _error;
    private long _newestHanded;
    private int _epoch;

    internal Subscription(RookeryClient client, string topic, SubscribeOptions options, int epoch)
    {
        (_client, Topic, _options, _epoch) = (client, topic, options, epoch);
        _acksAtOnce = Math.Clamp(options.Window / 4, 1, PendingAcks.MaxCount);
        _ackTimer = client.Options.TimeProvider.CreateTimer(static s => ((Subscription)s!).AckTimerFired(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _ackBackOff = new BackOff(client.Options.ReconnectMin, client.Options.ReconnectMax, client.Options.ReconnectJitter);
    }

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>It outlives its connection.</summary>
    public bool IsDurable => _options.Group is not null || _client.Options.Name is not null;

    // Where the lease is not said, that of a durable one stays as somebody has set it; a group's can be changed by any member.
    private bool MayLapse => _options.LeaseMs > 0 || _options.Group is not null || (_options.LeaseMs is null && IsDurable);

    /// <summary>It waits in the client's queue to send acknowledgements. Guarded by that queue.</summary>
    internal bool InAckQueue { get; set; }

    /// <summary>The events, until it is unsubscribed or the client is disposed. One enumeration at a time.</summary>
    /// <exception cref="InvalidOperationException">It is being enumerated already.</exception>
    /// <exception cref="TakenOverException">Another connection took its events over.</exception>
    /// <exception cref="TopicDroppedException">Somebody dropped the topic.</exception>
    /// <exception cref="RookeryConnectionException">The client gave up reconnecting.</exception>
    /// <exception cref="RookeryException">The broker refused to continue it.</exception>
    public async IAsyncEnumerator<ReceivedEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_enumerated)
            {
                throw new InvalidOperationException($"the subscription to {Topic} is being enumerated already");
            }

            _enumerated = true;
        }

        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (TryTake(out var next))
                {
                    yield return next;
                    if (_options.AutoAck)
                    {
                        Ack(next);
                    }
                }
                else
                {
                    SendAcks();
                    if (HasEnded())
                    {
                        yield break;
                    }

                    await _arrived.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            SendAcks();
            lock (_gate)
            {
                _enumerated = false;
            }
        }
    }

    /// <summary>Ends the subscription, also a durable one; the enumeration ends, and what was not acknowledged is forgotten.</summary>
    /// <exception cref="RookeryException">The broker refused it.</exception>
    /// <exception cref="RookeryConnectionException">The client gave up reconnecting.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public Task UnsubscribeAsync(CancellationToken cancellationToken = default) => _client.UnsubscribeAsync(this, cancellationToken);

    internal byte[] FirstLine() => Lines.Subscribe(Topic, _options, _options.From);

    /// <summary>The broker has it on this connection.</summary>
    internal void Begin()
    {
        lock (_gate)
        {
            _established = _live = true;
        }

        SendAcks();
    }

    /// <summary>An event came.</summary>
    /// <exception cref="RookeryConnectionException">More came than was asked for.</exception>
    internal void Receive(ReadOnlySpan<byte> line)
    {
        var fields = EventFields.Parse(line);
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            if (_acknowledging.Contains(fields.Sequence))
            {
                // The consumer is done with it; only the broker did not know yet. The ack is on its way.
                ClientMetrics.Suppressed.Add(1);
                return;
            }

            if (_buffer.Add(new ReceivedEvent(this, line.ToArray(), fields, _epoch)))
            {
                ClientMetrics.Lapsed.Add(1);
            }
            else if (_buffer.Count > _options.Window)
            {
                MakeRoom();
            }
        }

        ClientMetrics.Received.Add(1);
        _arrived.Set();
    }

    /// <summary>The connection was lost: what was received and not handed out comes again.</summary>
    /// <returns>The line that continues it on the next connection; null while it was never established.</returns>
    internal byte[]? Lost(int nextEpoch)
    {
        lock (_gate)
        {
            _epoch = nextEpoch;
            _live = false;
            _buffer.Clear();
            if (!IsDurable)
            {
                ForgetAcks(null);
            }

            if (!_established || _ended)
            {
                return null;
            }

            var from = IsDurable || _newestHanded == 0 ? _options.From : StartFrom.Sequence(_newestHanded + 1);
            return Lines.Subscribe(Topic, _options, from);
        }
    }

    /// <summary>It is over; what was received and not handed out is dropped.</summary>
    /// <param name="error">What its consumer is told; null for an orderly end.</param>
    /// <param name="unsent">What those are told who wait for acknowledgements that the broker never got; null: the same.</param>
    internal void End(Exception? error, Exception? unsent = null)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            (_ended, _error) = (true, error);
            _buffer.Clear();
            ForgetAcks(unsent ?? error);
        }

        _client.Remove(this);
        _ackTimer.Dispose();
        _arrived.Set();
    }

    /// <summary>
    /// More waits than the broker may have in flight here. Where leases end, it has taken some back and given them to another
    /// member, or sent others instead: first those that it sent first.
    /// </summary>
    private void MakeRoom()
    {
        if (!MayLapse)
        {
            throw new RookeryConnectionException($"the broker sent more than the window of {_options.Window} events of {Topic}");
        }

        _buffer.TryTake(out _);
        ClientMetrics.Lapsed.Add(1);
    }

    private bool TryTake([NotNullWhen(true)] out ReceivedEvent? next)
    {
        lock (_gate)
        {
            if (!_buffer.TryTake(out next))
            {
                return false;
            }

            _newestHanded = Math.Max(_newestHanded, next.Sequence);
            return true;
        }
    }

    private bool HasEnded()
    {
        lock (_gate)
        {
            if (_error is not null)
            {
                ExceptionDispatchInfo.Throw(_error);
            }

            return _ended;
        }
    }
}
