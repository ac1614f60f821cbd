using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>
/// What goes out on one connection: replies and events in the order they may be seen, sent in large pieces by one loop.
/// Events that a pending reply must precede are held. What was sent is granted again to the subscriptions it came from.
/// </summary>
internal sealed class SendQueue(ConnectionOutput output, int limit, Action<TopicState, long> ended)
{
    /// <summary>Bytes handed to the transport at once.</summary>
    public const int PieceBytes = 128 * 1024;

    private readonly AsyncSignal _signal = new();
    private readonly List<Hold> _holds = [];
    private readonly List<(TopicState Topic, long Bytes)> _grants = [];
    private ByteBuffer _held = new();
    private ByteBuffer _spare = new();
    private ByteBuffer _ready = new();
    private ByteBuffer _sending = new();
    private List<Credit> _readyCredits = [];
    private List<Credit> _sendingCredits = [];
    private long _replied;
    private int _inFlight;
    private long _sent;
    private bool _isSending;
    private bool _closed;
    private bool _completed;

    /// <summary>Guards everything here except sending, and the rounds and topics of the connection.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Where replies are written. Under the gate.</summary>
    public ByteBuffer Ready => _ready;

    /// <summary>As much waits as may: no reply should be added. Under the gate.</summary>
    public bool IsFull => _ready.Count + _inFlight >= limit;

    /// <summary>The peer does not take anything any more; what is written goes nowhere.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Bytes handed to the transport so far.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>The transport has all it takes: the peer has to read before more can be sent.</summary>
    public bool IsSending => Volatile.Read(ref _isSending);

    /// <summary>Events are written with number, time and tries.</summary>
    public bool WithMeta { get; set; }

    /// <summary>Writes events, or holds them until the replies up to <paramref name="after"/> are written. Under the gate.</summary>
    public void Deliver(TopicState topic, long after, ReadOnlySpan<Delivery> deliveries)
    {
        if (_closed)
        {
            return;
        }

        var hold = after > _replied;
        var buffer = hold ? _held : _ready;
        var start = buffer.Count;
        long cost = 0;
        foreach (ref readonly var delivery in deliveries)
        {
            DeliveryText.Write(buffer, topic.EventHead, delivery, WithMeta, "\r\n"u8);
            cost += delivery.Cost;
        }

        var credit = new Credit(topic, topic.Epoch, cost);
        if (hold)
        {
            _holds.Add(new Hold(after, _held.Count - start, credit));
        }
        else
        {
            Add(credit);
        }
    }

    /// <summary>
    /// Says that a topic was dropped, as an event of it would be said: behind those that came, and behind the replies up to
    /// <paramref name="after"/>. Under the gate.
    /// </summary>
    public void Dropped(TopicState topic, long after)
    {
        if (_closed)
        {
            return;
        }

        var line = Errors.Fill(Errors.Dropped, topic.Name.Value);
        if (after <= _replied)
        {
            _ready.AppendLine(line);
            ended(topic, after);
            return;
        }

        var start = _held.Count;
        _held.AppendLine(line);
        _holds.Add(new Hold(after, _held.Count - start, new Credit(topic, topic.Epoch, 0), IsEnd: true));
    }

    /// <summary>
    /// The replies up to this ordinal are written: what waited for them follows. What waits for later ones keeps nothing of other
    /// topics back, whose next replies may already be about to be written. Under the gate.
    /// </summary>
    public void Replied(long ordinal)
    {
        _replied = Math.Max(_replied, ordinal);
        if (!_holds.Exists(hold => hold.After <= _replied))
        {
            return;
        }

        var (kept, at) = (0, 0);
        for (var i = 0; i < _holds.Count; i++)
        {
            var hold = _holds[i];
            var text = _held.Span.Slice(at, hold.Length);
            at += hold.Length;
            if (hold.After > _replied)
            {
                _spare.Append(text);
                _holds[kept++] = hold;
                continue;
            }

            _ready.Append(text);
            var topic = hold.Credit.Topic;
            if (hold.IsEnd)
            {
                ended(topic, hold.After);
            }
            else
            {
                // What came of a subscription before its reply was written is credit of that one, not of the one before.
                Add(hold.After < topic.MadeAt ? hold.Credit : hold.Credit with { Epoch = topic.Epoch });
            }
        }

        _holds.RemoveRange(kept, _holds.Count - kept);
        (_held, _spare) = (_spare, _held);
        _spare.Clear();
    }

    /// <summary>Takes no more events. Under the gate.</summary>
    public void RefuseDeliveries()
    {
        _closed = true;
        _held.Release();
        _holds.Clear();
    }

    /// <summary>Sends what is written, soon, or inside the call: then what the caller has left to do waits for all of it.</summary>
    public void Wake(bool inside = false) => _signal.Set(inside);

    /// <summary>Nothing more will be written: <see cref="SendAsync"/> ends when all is sent.</summary>
    public void Complete()
    {
        lock (Gate)
        {
            _completed = true;
        }

        _signal.Set();
    }

    /// <summary>Gives pooled memory back; nothing is written or sent any more.</summary>
    public void Release()
    {
        lock (Gate)
        {
            IsGone = true;
            _closed = true;
            _ready.Release();
            _sending.Release();
            _held.Release();
            _spare.Release();
        }
    }

    /// <summary>Sends until completed or the peer is gone.</summary>
    /// <param name="grant">Gets the bytes to grant again.</param>
    /// <param name="sent">Called after each piece of work, when the reader may have caught up.</param>
    public async Task SendAsync(Action<TopicState, long> grant, Action sent)
    {
        while (true)
        {
            await _signal.WaitAsync().ConfigureAwait(false);
            while (TakeReady())
            {
                if (!await WriteAsync().ConfigureAwait(false))
                {
                    lock (Gate)
                    {
                        IsGone = true;
                        RefuseDeliveries();
                    }

                    sent();
                    return;
                }

                SumUpGrants();

                // Replies come before what the grants let in, or a fast topic could keep them out for ever.
                sent();
                Grant(grant);
            }

            if (Volatile.Read(ref _completed) && IsEmpty())
            {
                return;
            }
        }
    }

    private void Add(Credit credit)
    {
        var last = _readyCredits.Count - 1;
        if (last >= 0 && _readyCredits[last] is var before && before.Topic == credit.Topic && before.Epoch == credit.Epoch)
        {
            _readyCredits[last] = before with { Bytes = before.Bytes + credit.Bytes };
        }
        else
        {
            _readyCredits.Add(credit);
        }
    }

    private bool IsEmpty()
    {
        lock (Gate)
        {
            return _ready.Count == 0;
        }
    }

    private bool TakeReady()
    {
        lock (Gate)
        {
            _sending.Clear();
            if (_ready.Count == 0)
            {
                _sending.Release();
                _ready.Release();
                _spare.Release();
                if (_held.Count == 0)
                {
                    _held.Release();
                }

                return false;
            }

            (_ready, _sending) = (_sending, _ready);
            (_readyCredits, _sendingCredits) = (_sendingCredits, _readyCredits);
            _inFlight = _sending.Count;
            return true;
        }
    }

    private async ValueTask<bool> WriteAsync()
    {
        for (var at = 0; at < _sending.Count; at += PieceBytes)
        {
            var piece = _sending.Memory.Slice(at, Math.Min(PieceBytes, _sending.Count - at));
            Volatile.Write(ref _isSending, true);
            var taken = await output.WriteAsync(piece).ConfigureAwait(false);
            Volatile.Write(ref _isSending, false);
            Volatile.Write(ref _sent, _sent + piece.Length);
            if (!taken)
            {
                return false;
            }
        }

        WireMetrics.BytesOut.Add(_sending.Count);
        return true;
    }

    private void SumUpGrants()
    {
        lock (Gate)
        {
            _inFlight = 0;
            foreach (var (topic, epoch, bytes) in _sendingCredits)
            {
                if (epoch != topic.Epoch)
                {
                    continue;
                }

                // In quarters, so that a grant is worth its way; what is left cannot stall the subscription.
                topic.Owed += bytes;
                if (topic.Owed * 4 >= topic.Credit)
                {
                    _grants.Add((topic, topic.Owed));
                    topic.Owed = 0;
                }
            }

            _sendingCredits.Clear();
        }
    }

    private void Grant(Action<TopicState, long> grant)
    {
        foreach (var (topic, bytes) in _grants)
        {
            grant(topic, bytes);
        }

        _grants.Clear();
    }

    private readonly record struct Credit(TopicState Topic, int Epoch, long Bytes);

    private readonly record struct Hold(long After, int Length, Credit Credit, bool IsEnd = false);
}
