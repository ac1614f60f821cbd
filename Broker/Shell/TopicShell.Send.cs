using System.Buffers;

namespace Rookery.Broker;

/// <content>Deliveries, with payloads from memory or read back.</content>
public sealed partial class TopicShell
{
    /// <summary>Most deliveries handed over at once.</summary>
    private const int MaxDelivered = 256;

    /// <summary>Most frames held at once for deliveries not handed over yet.</summary>
    private const int MaxHeld = 64;

    /// <summary>Most frames being read back at once.</summary>
    private const int MaxReads = 4;

    private readonly List<CachedFrame> _held = [];
    private readonly List<TopicSession> _outgoing = [];
    private readonly HashSet<int> _reads = [];
    private long _turn = 1;

    private void Send()
    {
        var now = Now;
        while (_topic.NextReady() is { } subscription)
        {
            Serve(subscription, now);
        }

        HandOver();
        LetGo();
    }

    private void Serve(Subscription subscription, long now)
    {
        var slot = -1;
        CachedFrame? frame = null;
        while (_topic.Peek(subscription, out var candidate) && subscription.NextMember() is { } member)
        {
            ref var entry = ref _topic.Events.Find(candidate.Sequence);
            if (entry.Slot != slot || frame is null)
            {
                if (_held.Count >= MaxHeld)
                {
                    HandOver();
                    LetGo();
                }

                slot = entry.Slot;
                frame = Acquire(slot);
                if (frame is null)
                {
                    return;
                }
            }

            if (frame.TryFind(candidate.Sequence, out var stored))
            {
                Send(subscription, member, in candidate, frame, in stored, now);
            }
            else
            {
                _topic.Lose(candidate.Sequence);
            }
        }
    }

    private void Send(
        Subscription subscription, TopicSession member, in Candidate candidate, CachedFrame frame, in StoredEvent stored, long now)
    {
        var id = frame.Records.Slice(stored.IdStart, stored.IdLength);
        var delivery = new Delivery
        {
            Sequence = candidate.Sequence,
            PublishedAt = stored.PublishedAt,
            Tries = _topic.Take(subscription, in candidate, member, EventId.FromToken(id.Span), now),
            Priority = stored.Priority,
            Id = id,
            Message = frame.Records.Slice(stored.MessageStart, stored.MessageLength),
        };

        member.Credit -= member.Credit == long.MaxValue ? 0 : delivery.Cost;
        var outgoing = member.Outgoing ??= new PlainList<Delivery>();
        if (outgoing.Count == 0)
        {
            _outgoing.Add(member);
        }

        outgoing.Add(delivery);
        if (outgoing.Count >= MaxDelivered)
        {
            HandOver(member);
            _outgoing.Remove(member);
        }
    }

    private void HandOver()
    {
        foreach (var member in _outgoing)
        {
            HandOver(member);
        }

        _outgoing.Clear();
    }

    private void HandOver(TopicSession member)
    {
        member.Receiver.Deliver(Name, member.After, member.Outgoing!.Span);
        member.Outgoing.Clear();
    }

    /// <summary>The frame of a slot, held for this turn; null: it has to be read, and what needs it is looked at again then.</summary>
    private CachedFrame? Acquire(int slot)
    {
        ref var place = ref _topic.Frames[slot];
        if (place.Cached is { } cached)
        {
            if (cached.HeldInTurn == _turn)
            {
                return cached;
            }

            if (cached.TryHold())
            {
                Hold(cached, taken: true);
                return cached;
            }

            place.Cached = null;
        }

        if (_reads.Count < MaxReads && _reads.Add(slot))
        {
            _ = ReadAsync(slot, place.Address);
        }

        return null;
    }

    private void Hold(CachedFrame frame, bool taken = false)
    {
        if (taken || frame.TryHold())
        {
            frame.HeldInTurn = _turn;
            _held.Add(frame);
        }
    }

    private void LetGo()
    {
        foreach (var frame in _held)
        {
            frame.LetGo();
        }

        _held.Clear();
        _turn++;
    }

    private async Task ReadAsync(int slot, long address)
    {
        CachedFrame? frame = null;
        IMemoryOwner<byte>? owner = null;
        try
        {
            owner = await _journal.ReadAsync(address).ConfigureAwait(false);
            frame = new CachedFrame(owner);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            owner?.Dispose();
        }

        _post(() => CompleteRead(slot, address, frame));
    }

    private void CompleteRead(int slot, long address, CachedFrame? frame)
    {
        _reads.Remove(slot);
        if (IsFailed || _topic.Frames[slot].Address != address || _topic.Frames[slot].Held == 0)
        {
            frame?.LetGo();
        }
        else if (frame is null)
        {
            LoseFrame(slot);
        }
        else
        {
            _topic.Frames[slot].Cached = frame;
            Hold(frame);
            _cache.Add(frame);
        }

        _topic.MarkAllReady();
        Flush();
    }

    /// <summary>The journal cannot read a frame: what lived in it is lost, at least until a restart; the rest is served.</summary>
    private void LoseFrame(int slot)
    {
        _topic.Frames[slot].Unreadable = true;
        var lost = new List<long>();
        for (var sequence = _topic.Events.Next(1); sequence != long.MaxValue; sequence = _topic.Events.Next(sequence + 1))
        {
            if (_topic.Events.Find(sequence).Slot == slot)
            {
                lost.Add(sequence);
            }
        }

        lost.ForEach(_topic.Lose);
    }
}
