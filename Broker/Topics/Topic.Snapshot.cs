namespace Rookery.Broker;

/// <content>Recovery: subscriptions and producers as records and snapshots have them.</content>
internal sealed partial class Topic
{
    /// <summary>Forgets what a subscription has to know of events that ended before it began, once it has none of that time before it.</summary>
    public void ForgetGaps(Subscription subscription)
    {
        if (subscription.Gaps.Count == 0)
        {
            return;
        }

        foreach (var list in _lists)
        {
            if (list.TryFind(ref subscription.CursorOf(list).Place, Events, out var sequence) && sequence <= subscription.Gaps[^1].Last)
            {
                return;
            }
        }

        foreach (var list in _lists)
        {
            ref var cursor = ref subscription.CursorOf(list);
            cursor.Taken = Math.Max(cursor.Taken, subscription.Gaps[^1].Last);
        }

        subscription.Gaps.Clear();
    }

    private void ReplaySubscribe(Subscription read)
    {
        NextSubscription = Math.Max(NextSubscription, read.Number + 1);
        if (_byNumber.TryGetValue(read.Number, out var known))
        {
            (known.LeaseMs, known.MaxTries) = (read.LeaseMs, read.MaxTries);
            return;
        }

        if (_subscriptions.Remove(read.Key, out var older))
        {
            _byNumber.Remove(older.Number);
        }

        _subscriptions.Add(read.Key, read);
        _byNumber.Add(read.Number, read);
        Place(read, read.Start);
        foreach (var gap in read.Gaps.Span)
        {
            for (var sequence = Events.Next(gap.First); sequence <= gap.Last; sequence = Events.Next(sequence + 1))
            {
                TakeFromAll(sequence);
                Die(sequence, ref Events.Find(sequence));
            }
        }
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
}
