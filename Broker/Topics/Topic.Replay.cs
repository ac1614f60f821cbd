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
        _usedAt = Math.Max(_usedAt, reader.BaseTime);
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
        if (_usedAt == 0)
        {
            Use(now);
        }
        else if (IsEmpty)
        {
            // Nobody who used it is here any more.
            _usedAt = Math.Min(_usedAt, now - _unusedMs);
        }

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
        // Behind the others, those whose subscriptions a drop ended that came to nothing: a name may have been taken over since.
        foreach (var session in sessions.OrderBy(session => session.Subscription is { IsDropped: true }))
        {
            session.Producer = null;
            if (session.Subscription is { } before)
            {
                session.Subscription = null;
                if (_subscriptions.TryGetValue(before.Key, out var subscription))
                {
                    if (before.IsDropped && subscription.Key.Kind == SubscriptionKind.Client && subscription.Members.Count > 0)
                    {
                        session.TakenOver = true;
                        continue;
                    }

                    Join(subscription, session, session.Credit, now);
                }
                else if (before.IsDropped)
                {
                    Dropping.Add(new EndedMember(session, before, session.After));
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
