namespace Rookery.Broker;

/// <content>How events end.</content>
internal sealed partial class Topic
{
    /// <summary>Longest time to live, in ms: 100 years; more than that is for ever all the same.</summary>
    private const long MaxLifetime = 100L * 366 * 24 * 3600 * 1000;

    /// <summary>How exactly ages are kept, in ms, so that a steady stream of events does not wake the topic for each.</summary>
    private const long AgeStep = 1000;

    /// <summary>Milliseconds after which an event may end of age, with a step more so that one look ends several.</summary>
    private readonly long _endsAfter = (long)Math.Min(limits.Retention.KeepAge.TotalMilliseconds, limits.Retention.MaxAge.TotalMilliseconds) + AgeStep;

    private readonly PriorityQueue<long, long> _expiries = new();
    private long _limited;
    private long _keepFrom = 1;
    private long _keptBytes;
    private long _bytes;
    private long _neededEvents;
    private long _neededBytes;
    private bool _floorMoved;

    /// <summary>Bytes of the events alive.</summary>
    public long Bytes => _bytes;

    /// <summary>An event is gone for a reason of the journal's: its frame cannot be read. Its bytes are not released.</summary>
    public void Lose(long sequence)
    {
        ref var entry = ref Events.Find(sequence);
        if (!IsNull(ref entry))
        {
            Dropped++;
            Die(sequence, ref entry, release: false);
        }
    }

    /// <summary>A commit has moved an event; the bytes of its old place, or of the new one if it ended meanwhile, are released with it.</summary>
    public void Moved(long sequence, RecordBatch batch, int size)
    {
        ref var entry = ref Events.Find(sequence);
        if (IsNull(ref entry))
        {
            batch.Release(batch.Slot, size);
            return;
        }

        batch.Release(entry.Slot, entry.Size);
        var difference = size - entry.Size;
        _bytes += difference;
        _keptBytes += sequence >= _keepFrom ? difference : 0;
        _neededBytes += entry.Needed > 0 ? difference : 0;
        (entry.Slot, entry.Size) = (batch.Slot, size);
    }

    private void Count(int size, int needed)
    {
        _bytes += size;
        _keptBytes += size;
        if (needed > 0)
        {
            _neededEvents++;
            _neededBytes += size;
        }
    }

    private void Limit(long sequence, long expiry)
    {
        if (_expiries.Count > 1024 + (2 * _limited))
        {
            // Most of those in the queue were settled before their time.
            var live = _expiries.UnorderedItems.Where(item => Events.IsAlive(item.Element)).ToArray();
            _expiries.Clear();
            _expiries.EnqueueRange(live);
        }

        _limited++;
        _expiries.Enqueue(sequence, expiry);
        WakeAt(expiry);
    }

    /// <summary>A subscription needs an event no more.</summary>
    private void Unneed(long sequence)
    {
        ref var entry = ref Events.Find(sequence);
        if (IsNull(ref entry) || --entry.Needed > 0)
        {
            return;
        }

        _neededEvents--;
        _neededBytes -= entry.Size;
        if (sequence < _keepFrom)
        {
            Die(sequence, ref entry);
        }
    }

    /// <summary>Ends an event. Its bytes are released once the records that end it are durable.</summary>
    private void Die(long sequence, ref EventEntry entry, bool release = true)
    {
        if (entry.Needed > 0)
        {
            _neededEvents--;
            _neededBytes -= entry.Size;
            TakeFromAll(sequence);
        }

        if (release)
        {
            _batch.Release(entry.Slot, entry.Size);
        }

        _bytes -= entry.Size;
        _keptBytes -= sequence >= _keepFrom ? entry.Size : 0;
        _limited -= entry.HasLifetime ? 1 : 0;
        ListOf(entry.Priority).Remove(sequence, Events);
        Events.Remove(sequence);
    }

    /// <summary>An event goes that subscriptions had before them; what is in flight may still be acknowledged.</summary>
    private void TakeFromAll(long sequence)
    {
        foreach (var subscription in _subscriptions.Values)
        {
            subscription.Dead?.Remove(sequence);
            var index = subscription.Flights.Find(sequence);
            if (index >= 0 && !subscription.Flights[index].InFlight)
            {
                subscription.Flights.Remove(index);
            }
        }
    }

    /// <summary>Applies the limits that new events move.</summary>
    private void Retain()
    {
        var retention = limits.Retention;
        Unkeep(NextSequence - 1 - retention.KeepEvents);
        while (_keptBytes > retention.KeepBytes && _keepFrom < NextSequence)
        {
            Unkeep(Events.Next(_keepFrom));
        }

        if (retention.Overflow == Overflow.DropOldest)
        {
            while (Events.Count > retention.MaxEvents || _bytes > retention.MaxBytes)
            {
                Drop(Events.Next(Floor + 1));
            }
        }

        RecordFloor();
    }

    /// <summary>Keeps nothing for late comers up to this event.</summary>
    private void Unkeep(long sequence)
    {
        while (_keepFrom <= sequence)
        {
            ref var entry = ref Events.Find(_keepFrom);
            if (!IsNull(ref entry))
            {
                _keptBytes -= entry.Size;
                _keepFrom++;
                if (entry.Needed == 0)
                {
                    Die(_keepFrom - 1, ref entry);
                }
            }
            else
            {
                _keepFrom = Math.Min(Events.Next(_keepFrom), sequence + 1);
            }
        }
    }

    /// <summary>Ends the oldest event, whoever has not settled it.</summary>
    private void Drop(long sequence)
    {
        ref var entry = ref Events.Find(sequence);
        if (entry.Needed > 0)
        {
            Dropped++;
            _floorMoved = true;
        }

        Floor = sequence;
        Die(sequence, ref entry);
    }

    private void RecordFloor()
    {
        if (_floorMoved)
        {
            _floorMoved = false;
            _batch.Write(RecordKind.Floor, Floor);
        }
    }

    private void EndByAge(long now)
    {
        while (_expiries.TryPeek(out var sequence, out var expiry) && expiry <= now)
        {
            _expiries.Dequeue();
            ref var entry = ref Events.Find(sequence);
            if (!IsNull(ref entry))
            {
                Expired += entry.Needed > 0 ? 1 : 0;
                Die(sequence, ref entry);
            }
        }

        if (_expiries.TryPeek(out _, out var next))
        {
            WakeAt(next);
        }

        var maxAge = (long)limits.Retention.MaxAge.TotalMilliseconds;
        for (var sequence = Events.Next(Floor + 1); sequence != long.MaxValue; sequence = Events.Next(sequence + 1))
        {
            if (Events.TimeOf(sequence) + maxAge > now)
            {
                WakeAt(Math.Max(Events.TimeOf(sequence) + maxAge, now + AgeStep));
                break;
            }

            Drop(sequence);
        }

        RecordFloor();
        var keepAge = (long)limits.Retention.KeepAge.TotalMilliseconds;
        for (var sequence = Events.Next(_keepFrom); sequence != long.MaxValue; sequence = Events.Next(sequence + 1))
        {
            if (Events.TimeOf(sequence) + keepAge > now)
            {
                WakeAt(Math.Max(Events.TimeOf(sequence) + keepAge, now + AgeStep));
                break;
            }

            Unkeep(sequence);
        }
    }
}
