namespace Rookery.Broker;

/// <summary>Subscriptions and whole topics, without their events, as <see cref="RecordKind"/> describes them.</summary>
internal static class SnapshotCodec
{
    // The format has a place for the window of a subscription; each session has its own.
    private const int NoWindow = 1;

    public static void Write(ref ByteWriter writer, Subscription subscription)
    {
        writer.Number(subscription.Number);
        writer.Byte((byte)subscription.Key.Kind);
        writer.Byte((byte)(subscription.Key.Owner is null ? 0 : 1));
        writer.Text(subscription.Key.Owner);
        writer.Text(subscription.Key.Name);
        writer.Number(subscription.Start);
        writer.Number(NoWindow);
        writer.Number(subscription.LeaseMs);
        writer.Number(subscription.MaxTries);
        writer.Number(subscription.LastUsed);
        writer.Number(subscription.Gaps.Count);
        foreach (var gap in subscription.Gaps.Span)
        {
            writer.Number(gap.First);
            writer.Number(gap.Last - gap.First);
        }
    }

    public static Subscription ReadSubscription(ref ByteReader reader)
    {
        var number = reader.Count();
        var kind = (SubscriptionKind)reader.Byte();
        var hasOwner = reader.Byte() != 0;
        var owner = reader.Text();
        var name = reader.Text();
        var start = reader.Number();
        reader.Count();
        var subscription = new Subscription(new SubscriptionKey(kind, hasOwner ? owner : null, name), number, start)
        {
            LeaseMs = reader.Count(),
            MaxTries = reader.Count(),
            LastUsed = reader.Number(),
        };
        for (var gaps = reader.Count(); gaps > 0; gaps--)
        {
            var first = reader.Number();
            subscription.Gaps.Add(new SequenceRange(first, first + reader.Number()));
        }

        return subscription;
    }

    public static void Write(ref ByteWriter writer, Topic topic)
    {
        writer.Number(topic.NextSequence);
        writer.Number(topic.LastTime);
        writer.Number(topic.Floor);
        writer.Number(topic.NextSubscription);
        writer.Number(topic.NextProducer);

        writer.Number(topic.Subscriptions.Count);
        foreach (var subscription in topic.Subscriptions)
        {
            topic.ForgetGaps(subscription);
            Write(ref writer, subscription);
            WriteCursors(ref writer, topic, subscription);
            WriteFlights(ref writer, topic, subscription);
            WriteDead(ref writer, subscription);
        }

        writer.Number(topic.Producers.Count);
        foreach (var producer in topic.Producers.ByUse)
        {
            writer.Number(producer.Number);
            writer.Byte((byte)(producer.Owner is null ? 0 : 1));
            writer.Text(producer.Owner);
            writer.Text(producer.Name);
            writer.Signed(producer.Last);
            writer.Number(producer.LastSequence);
        }
    }

    private static void WriteCursors(ref ByteWriter writer, Topic topic, Subscription subscription)
    {
        writer.Number(topic.Lists.Count);
        foreach (var list in topic.Lists)
        {
            writer.Byte((byte)list.Priority);
            writer.Number(subscription.CursorOf(list).Taken);
        }
    }

    private static void WriteFlights(ref ByteWriter writer, Topic topic, Subscription subscription)
    {
        var sequences = new PlainList<long>();
        subscription.Flights.CopySequencesTo(sequences);
        var alive = 0;
        foreach (var sequence in sequences.Span)
        {
            alive += topic.Events.IsAlive(sequence) ? 1 : 0;
        }

        writer.Number(alive);
        var last = 0L;
        foreach (var sequence in sequences.Span)
        {
            if (topic.Events.IsAlive(sequence))
            {
                ref var flight = ref subscription.Flights[subscription.Flights.Find(sequence)];
                writer.Signed(sequence - last);

                // A delivery that is under way is forgotten where the journal is replayed, with or without a snapshot.
                writer.Number(flight.InFlight ? flight.Tries - 1 : flight.Tries);
                writer.Number(flight.InFlight ? 0 : flight.Time);
                last = sequence;
            }
        }
    }

    private static void WriteDead(ref ByteWriter writer, Subscription subscription)
    {
        writer.Number(subscription.Dead?.Count ?? 0);
        var last = 0L;
        for (var i = 0; i < (subscription.Dead?.Count ?? 0); i++)
        {
            var sequence = subscription.Dead!.GetKeyAtIndex(i);
            var dead = subscription.Dead.GetValueAtIndex(i);
            writer.Signed(sequence - last);
            writer.Number(dead.Tries);
            writer.Number(dead.DiedAt);
            last = sequence;
        }
    }
}
