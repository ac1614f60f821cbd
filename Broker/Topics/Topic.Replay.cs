namespace Rookery.Broker;

/// <content>Recovery: events are taken in as frames come, what happened to them is applied once all are there.</content>
internal sealed partial class Topic
{
    private readonly Dictionary<int, Subscription> _byNumber = [];
    private readonly List<FrameBytes> _superseded = [];
    private ByteWriter _history = new(256);
    private int _snapshotSlot = -1;

    /// <summary>Takes in the records of a frame. Frames come in order of address; some may be missing.</summary>
    public void Replay(long address, ReadOnlySpan<byte> records)
    {
        var reader = new RecordReader(records);
        var slot = Frames.Open();
        var eventBytes = 0;
        LastTime = Math.Max(LastTime, reader.BaseTime);
        while (reader.Read())
        {
            switch (reader.Kind)
            {
                case RecordKind.Publish or RecordKind.Moved:
                    eventBytes += reader.Event.Size;
                    ReplayEvent(reader.Event, slot);
                    break;
                case RecordKind.Snapshot:
                    _history.Length = 0;
                    _snapshotSlot = slot;
                    _history.Bytes(reader.Record);
                    break;
                default:
                    _history.Bytes(reader.Record);
                    break;
            }
        }

        NextSequence = Math.Max(NextSequence, reader.NextSequence);
        Frames.Written(slot, address, FrameHeader.ReserveFor(Name) + records.Length, eventBytes);
    }

    /// <summary>
    /// Ends recovery, in a batch that was begun: subscriptions of sessions that are gone end, the others go on with
    /// everything given back.
    /// </summary>
    /// <param name="sessions">The sessions that are here.</param>
    /// <param name="now">The time, in ms since 1970.</param>
    /// <param name="awaitsSessions">Subscriptions of absent sessions stay until <see cref="EndAbsent"/>.</param>
    /// <returns>Slot of the frame with the last snapshot, −1 where there is none: metadata before it is needed no more.</returns>
    public int Recovered(IEnumerable<TopicSession> sessions, long now, bool awaitsSessions = false)
    {
        Index();
        ApplyHistory();
        CountNeeds();
        while (Events.Next(1) is var oldest && oldest <= Floor)
        {
            Die(oldest, ref Events.Find(oldest));
        }

        foreach (var old in _superseded)
        {
            _batch.Release(old.Slot, (int)old.Bytes);
        }

        _superseded.Clear();
        _byNumber.Clear();
        _history.Return();
        Attach(sessions, now, awaitsSessions);
        Durable = NextSequence - 1;
        Retain();
        Tick(now);
        MarkAllReady();
        return _snapshotSlot;
    }

    private void ReplayEvent(in StoredEvent stored, int slot)
    {
        NextSequence = Math.Max(NextSequence, stored.Sequence + 1);
        LastTime = Math.Max(LastTime, stored.PublishedAt);
        ref var entry = ref Events.Find(stored.Sequence);
        if (!IsNull(ref entry))
        {
            // Moved, and the frame it was in before is still there.
            _superseded.Add(new FrameBytes { Slot = entry.Slot, Bytes = entry.Size });
            (entry.Slot, entry.Size) = (slot, stored.Size);
            return;
        }

        Events.Add(stored.Sequence, stored.PublishedAt, stored.Size, slot, 0, stored.Priority, stored.ExpiresAt > 0);
        if (stored.ExpiresAt > 0)
        {
            Limit(stored.Sequence, stored.ExpiresAt);
        }
    }

    /// <summary>Builds the lists, now that moved events have found their places.</summary>
    private void Index()
    {
        _keepFrom = 1;
        for (var sequence = Events.Next(1); sequence != long.MaxValue; sequence = Events.Next(sequence + 1))
        {
            ref var entry = ref Events.Find(sequence);
            ListOf(entry.Priority).Add(sequence);
            Count(entry.Size, 0);
        }
    }

    private void ApplyHistory()
    {
        var reader = new ByteReader(_history.Written);
        while (!reader.AtEnd)
        {
            Apply((RecordKind)reader.Byte(), ref reader);
        }
    }

    private void Apply(RecordKind kind, ref ByteReader reader)
    {
        switch (kind)
        {
            case RecordKind.Subscribe:
                ReplaySubscribe(SnapshotCodec.ReadSubscription(ref reader));
                break;
            case RecordKind.Producer:
                var number = reader.Count();
                Producers.Add(number, ReadOwner(ref reader), reader.Text());
                NextProducer = Math.Max(NextProducer, number + 1);
                break;
            case RecordKind.Produced:
                var (producer, last, sequence) = (reader.Count(), reader.Signed(), reader.Number());
                if (Producers.TryGet(producer, out var known))
                {
                    Producers.Use(known, last, sequence);
                }

                break;
            case RecordKind.Floor:
                Floor = Math.Max(Floor, reader.Number());
                break;
            case RecordKind.Snapshot:
                reader.Count();
                ReplaySnapshot(ref reader);
                break;
            default:
                ApplyTo(_byNumber.GetValueOrDefault(reader.Count()), kind, ref reader);
                break;
        }
    }

    /// <summary>Applies what happened to a subscription; null where damage took its beginning: nothing to harm.</summary>
    private void ApplyTo(Subscription? subscription, RecordKind kind, ref ByteReader reader)
    {
        var first = kind == RecordKind.Unsubscribe ? 0 : reader.Number();
        var second = kind is RecordKind.Acknowledge or RecordKind.Returned or RecordKind.DeadLetter ? reader.Number() : 0;
        var third = kind is RecordKind.Returned or RecordKind.DeadLetter ? reader.Number() : 0;
        if (subscription is null)
        {
            return;
        }

        switch (kind)
        {
            case RecordKind.Unsubscribe:
                _subscriptions.Remove(subscription.Key);
                _byNumber.Remove(subscription.Number);
                break;
            case RecordKind.Acknowledge:
                for (var sequence = Math.Max(first, Events.First); sequence <= first + second && sequence < Events.End; sequence++)
                {
                    if (Reach(subscription, sequence) is >= 0 and var index)
                    {
                        subscription.Flights.Remove(index);
                    }
                }

                break;
            case RecordKind.Returned:
                if (Reach(subscription, first) is >= 0 and var back)
                {
                    (subscription.Flights[back].Tries, subscription.Flights[back].Time) = ((int)second, third);
                    subscription.Enqueue(subscription.Flights[back]);
                }

                break;
            case RecordKind.DeadLetter:
                if (Reach(subscription, first) is >= 0 and var dead)
                {
                    subscription.Flights.Remove(dead);
                    (subscription.Dead ??= [])[first] = new DeadEntry((int)second, third);
                }

                break;
            case RecordKind.Left:
                subscription.LastUsed = first;
                break;
            default:
                Collect(subscription, first);
                foreach (var sequence in _scratch.Span)
                {
                    if (kind == RecordKind.Replayed)
                    {
                        Revive(subscription, sequence);
                    }
                }

                break;
        }
    }

    /// <summary>
    /// Something happened to an event, so everything before it in its list had been delivered too: what of that was not
    /// settled came back with the restart. Returns the event's flight; −1 where it is settled or gone.
    /// </summary>
    private int Reach(Subscription subscription, long target)
    {
        ref var entry = ref Events.Find(target);
        if (IsNull(ref entry))
        {
            return -1;
        }

        var list = ListOf(entry.Priority);
        ref var cursor = ref subscription.CursorOf(list);
        while (cursor.Taken < target && list.TryFind(ref cursor.Place, Events, out var sequence) && sequence <= target)
        {
            (cursor.Place, cursor.Taken) = (cursor.Place + 1, sequence);
            var index = subscription.Flights.Add(sequence, list.Priority, tries: 0, due: 0);
            subscription.Enqueue(subscription.Flights[index]);
        }

        return subscription.Flights.Find(target);
    }

    private void ReplaySubscribe(Subscription read)
    {
        NextSubscription = Math.Max(NextSubscription, read.Number + 1);
        if (_byNumber.TryGetValue(read.Number, out var known))
        {
            (known.Window, known.LeaseMs, known.MaxTries) = (read.Window, read.LeaseMs, read.MaxTries);
            return;
        }

        if (_subscriptions.Remove(read.Key, out var older))
        {
            _byNumber.Remove(older.Number);
        }

        _subscriptions.Add(read.Key, read);
        _byNumber.Add(read.Number, read);
        Place(read, read.Start);
    }

    private void ReplaySnapshot(ref ByteReader reader)
    {
        NextSequence = Math.Max(NextSequence, reader.Number());
        LastTime = Math.Max(LastTime, reader.Number());
        Floor = Math.Max(Floor, reader.Number());
        NextSubscription = Math.Max(NextSubscription, reader.Count());
        NextProducer = Math.Max(NextProducer, reader.Count());
        for (var subscriptions = reader.Count(); subscriptions > 0; subscriptions--)
        {
            var subscription = SnapshotCodec.ReadSubscription(ref reader);
            ReplaySubscribe(subscription);
            ReplayCursors(subscription, ref reader);
            ReplayFlights(subscription, ref reader);
        }

        for (var producers = reader.Count(); producers > 0; producers--)
        {
            var producer = Producers.Add(reader.Count(), ReadOwner(ref reader), reader.Text());
            Producers.Use(producer, reader.Signed(), reader.Number());
        }
    }

    private void ReplayCursors(Subscription subscription, ref ByteReader reader)
    {
        for (var cursors = reader.Count(); cursors > 0; cursors--)
        {
            var (priority, taken) = ((sbyte)reader.Byte(), reader.Number());
            var list = ListOf(priority);
            taken = Math.Max(taken, subscription.Start - 1);
            subscription.CursorOf(list) = new Cursor { Place = list.PlaceOf(taken + 1), Taken = taken };
        }
    }

    private void ReplayFlights(Subscription subscription, ref ByteReader reader)
    {
        var sequence = 0L;
        for (var flights = reader.Count(); flights > 0; flights--)
        {
            sequence += reader.Signed();
            var (tries, due) = (reader.Count(), reader.Number());
            ref var entry = ref Events.Find(sequence);
            if (!IsNull(ref entry))
            {
                subscription.Enqueue(subscription.Flights[subscription.Flights.Add(sequence, entry.Priority, tries, due)]);
            }
        }

        sequence = 0;
        for (var dead = reader.Count(); dead > 0; dead--)
        {
            sequence += reader.Signed();
            var entry = new DeadEntry(reader.Count(), reader.Number());
            if (Events.IsAlive(sequence))
            {
                (subscription.Dead ??= [])[sequence] = entry;
            }
        }
    }

    private static string? ReadOwner(ref ByteReader reader)
    {
        var hasOwner = reader.Byte() != 0;
        var owner = reader.Text();
        return hasOwner ? owner : null;
    }

    /// <summary>Counts for each event the subscriptions that have not settled it.</summary>
    private void CountNeeds()
    {
        var places = new List<long>(_subscriptions.Count);
        foreach (var list in _lists)
        {
            places.Clear();
            foreach (var subscription in _subscriptions.Values)
            {
                places.Add(subscription.CursorOf(list).Place);
            }

            places.Sort();
            var place = 0L;
            for (var waiting = 0; list.TryFind(ref place, Events, out var sequence); place++)
            {
                while (waiting < places.Count && places[waiting] <= place)
                {
                    waiting++;
                }

                Need(sequence, waiting);
            }
        }

        foreach (var subscription in _subscriptions.Values)
        {
            _scratch.Clear();
            subscription.Flights.CopySequencesTo(_scratch);
            foreach (var sequence in _scratch.Span)
            {
                Need(sequence, 1);
            }

            for (var i = 0; i < (subscription.Dead?.Count ?? 0); i++)
            {
                Need(subscription.Dead!.GetKeyAtIndex(i), 1);
            }
        }
    }

    /// <summary>Has living sessions go on where they were, and ends the subscriptions of those that are gone.</summary>
    private void Attach(IEnumerable<TopicSession> sessions, long now, bool awaitsSessions)
    {
        foreach (var session in sessions)
        {
            session.Producer = null;
            if (session.Subscription is { } before)
            {
                session.Subscription = null;
                if (_subscriptions.TryGetValue(before.Key, out var subscription))
                {
                    Join(subscription, session, session.Credit, now);
                }
            }
        }

        foreach (var subscription in _subscriptions.Values)
        {
            if (subscription.Members.Count == 0 && subscription.Key.IsDurable && subscription.LastUsed == 0)
            {
                subscription.LastUsed = now;
            }
        }

        if (!awaitsSessions)
        {
            EndAbsent();
        }
    }

    /// <summary>Ends the subscriptions of sessions that are not here.</summary>
    public void EndAbsent()
    {
        foreach (var orphan in _subscriptions.Values.Where(one => one.Members.Count == 0 && !one.Key.IsDurable).ToList())
        {
            End(orphan);
        }
    }
}
