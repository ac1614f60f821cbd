using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>
/// One subscription whose events go out as server-sent events. What waits for its reader is bounded by the credit it grants;
/// what was sent is granted again, and settled, where the client leaves that to the server.
/// </summary>
internal sealed class EventStream : ISessionReceiver
{
    private readonly Lock _gate = new();
    private readonly AsyncSignal _written = new();
    private readonly byte[] _head;
    private readonly long _credit;
    private ByteBuffer _ready = new();
    private ByteBuffer _sending = new();
    private List<long> _readySequences = [];
    private List<long> _sendingSequences = [];
    private long _readyCost;
    private long _owed;
    private string? _lastWords;
    private bool _completed;
    private bool _quiet = true;

    public EventStream(Guid id, Grant grant, TopicName topic, bool automatic, long credit)
    {
        (Id, Grant, Topic, IsAutomatic, _credit) = (id, grant, topic, automatic, credit);
        _head = DeliveryText.Head(topic);
    }

    /// <summary>Names the session.</summary>
    public Guid Id { get; }

    /// <summary>What whoever opened it may.</summary>
    public Grant Grant { get; }

    public TopicName Topic { get; }

    /// <summary>Events are settled as they are sent.</summary>
    public bool IsAutomatic { get; }

    /// <summary>The session, once it is open.</summary>
    public IBrokerSession Session { get; set; } = null!;

    /// <summary>Writes something before the events.</summary>
    public void Say(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _ready.Append(bytes);
        }
    }

    /// <inheritdoc/>
    public void Deliver(TopicName topic, long after, ReadOnlySpan<Delivery> deliveries)
    {
        lock (_gate)
        {
            if (_completed)
            {
                return;
            }

            foreach (ref readonly var delivery in deliveries)
            {
                _ready.Append("id: "u8);
                _ready.Append(delivery.Sequence);
                _ready.Append("\ndata: "u8);
                DeliveryText.Write(_ready, _head, delivery, meta: true, "\n\n"u8);
                _readyCost += delivery.Cost;
                if (IsAutomatic)
                {
                    _readySequences.Add(delivery.Sequence);
                }
            }
        }

        WireMetrics.Deliveries.Add(deliveries.Length);
        _written.Set();
    }

    /// <inheritdoc/>
    public void Dropped(TopicName topic, long after)
    {
        WireMetrics.SubscriptionsDropped.Add(1);
        End(Errors.Fill(Errors.Dropped, topic.Value)["notice: ".Length..]);
    }

    /// <inheritdoc/>
    public void Close(SessionEnd reason) => End(HttpFaultException.Plain(reason switch
    {
        SessionEnd.TakenOver => Errors.TakenOver,
        SessionEnd.ShuttingDown => Errors.ShuttingDown,
        _ => Errors.Lost,
    }));

    /// <summary>Says why as an event of its own, behind what waits, and ends.</summary>
    public void End(string? why)
    {
        lock (_gate)
        {
            if (_completed)
            {
                return;
            }

            (_completed, _lastWords) = (true, why);
        }

        _written.Set();
    }

    /// <summary>Says that it lives, where nothing else was said since the last time.</summary>
    public void Beat()
    {
        lock (_gate)
        {
            if (_quiet && _ready.Count == 0 && !_completed)
            {
                _ready.Append(":\n\n"u8);
            }

            _quiet = true;
        }

        _written.Set();
    }

    /// <summary>Sends until it ended or nobody is there any more.</summary>
    public async Task SendAsync(SseWriter writer, Action<IReadOnlyList<long>> settle)
    {
        try
        {
            while (!writer.IsGone)
            {
                await _written.WaitAsync().ConfigureAwait(false);
                while (Take(out var cost))
                {
                    if (!await writer.WriteAsync(_sending.Memory).ConfigureAwait(false))
                    {
                        return;
                    }

                    WireMetrics.BytesOut.Add(_sending.Count);
                    if (_sendingSequences.Count > 0)
                    {
                        settle(_sendingSequences);
                    }

                    GrantAgain(cost);
                }

                if (Volatile.Read(ref _completed))
                {
                    await SayLastWordsAsync(writer).ConfigureAwait(false);
                    return;
                }
            }
        }
        finally
        {
            End(null);
        }
    }

    /// <summary>Gives pooled memory back, when nobody sends any more.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _completed = true;
            _ready.Release();
            _sending.Release();
        }
    }

    private bool Take(out long cost)
    {
        lock (_gate)
        {
            _sending.Clear();
            _sendingSequences.Clear();
            (cost, _readyCost) = (_readyCost, 0);
            if (_ready.Count == 0)
            {
                // An idle stream holds no memory.
                _sending.Release();
                _ready.Release();
                return false;
            }

            _quiet = false;
            (_ready, _sending) = (_sending, _ready);
            (_readySequences, _sendingSequences) = (_sendingSequences, _readySequences);
            return true;
        }
    }

    private void GrantAgain(long cost)
    {
        // In quarters, so that a grant is worth its way; what is left cannot stall the subscription.
        _owed += cost;
        if (_owed * 4 >= _credit)
        {
            Session.Grant(Topic, _owed);
            _owed = 0;
        }
    }

    private async Task SayLastWordsAsync(SseWriter writer)
    {
        if (_lastWords is { } words)
        {
            await writer.WriteAsync(SseWriter.Event("end", RelaxedJson.Bytes(RelaxedJson.Members(json => json.WriteString("reason", words))))).ConfigureAwait(false);
        }
    }
}
