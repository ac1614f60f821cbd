namespace Rookery.Broker;

/// <content>Recovery: what happened to the events, in the order it happened.</content>
internal sealed partial class Topic
{
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
            case RecordKind.Dropped:
                Floor = Math.Max(Floor, reader.Number());
                _subscriptions.Clear();
                _byNumber.Clear();
                Producers.Clear();
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
}
