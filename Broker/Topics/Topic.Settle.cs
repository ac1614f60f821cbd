namespace Rookery.Broker;

/// <content>What becomes of deliveries.</content>
internal sealed partial class Topic
{
    private void AcknowledgeId(Subscription subscription, ReadOnlySpan<byte> text, TopicSession session, long ordinal, ref CommandResult result)
    {
        var id = EventId.FromText(text);
        var index = subscription.Flights.Find(id, session, inFlight: true);
        if (index < 0)
        {
            // Late, but it was not delivered again since.
            index = subscription.Flights.Find(id, subscription.Key.Kind == SubscriptionKind.Group ? session : null, inFlight: false);
        }

        if (index < 0)
        {
            result.Outcome = Outcome.NoSuchEvent;
            return;
        }

        result.Sequence = subscription.Flights[index].Sequence;
        Settle(subscription, index, session, ordinal);
        (result.Outcome, result.Count, result.Flag) = (Outcome.Done, 1, IsIdle(subscription));
    }

    private void AcknowledgeRanges(
        Subscription subscription, ReadOnlySpan<SequenceRange> ranges, TopicSession session, long ordinal, ref CommandResult result)
    {
        foreach (var range in ranges)
        {
            if (range.First > range.Last)
            {
                (result.Outcome, result.Detail) = (Outcome.Invalid, $"#{range.First}-{range.Last} is no range; the first must not be above the last");
                return;
            }
        }

        var count = 0;
        foreach (var range in ranges)
        {
            if (subscription.Flights.Count == 0)
            {
                break;
            }

            var (first, last) = (Math.Max(range.First, 1), Math.Min(range.Last, NextSequence - 1));
            if (last - first < subscription.Flights.Count)
            {
                for (var sequence = first; sequence <= last; sequence++)
                {
                    count += Acknowledge(subscription, sequence, session, ordinal);
                }

                continue;
            }

            _scratch.Clear();
            subscription.Flights.CopySequencesTo(_scratch);
            _scratch.Sort();
            foreach (var sequence in _scratch.Span)
            {
                count += sequence >= first && sequence <= last ? Acknowledge(subscription, sequence, session, ordinal) : 0;
            }
        }

        (result.Outcome, result.Count, result.Flag) = (Outcome.Done, count, IsIdle(subscription));
    }

    private int Acknowledge(Subscription subscription, long sequence, TopicSession session, long ordinal)
    {
        var index = subscription.Flights.Find(sequence);
        if (index < 0)
        {
            return 0;
        }

        ref var flight = ref subscription.Flights[index];
        var isTheirs = flight.InFlight
            ? flight.Session == session
            : flight.Tries > 0 && (subscription.Key.Kind != SubscriptionKind.Group || (flight.Session?.IsClientOf(session) ?? false));
        if (!isTheirs)
        {
            return 0;
        }

        Settle(subscription, index, session, ordinal);
        return 1;
    }

    private void Settle(Subscription subscription, int index, TopicSession session, long ordinal)
    {
        ref var flight = ref subscription.Flights[index];
        var sequence = flight.Sequence;
        if (flight.InFlight)
        {
            MakeRoom(subscription, session, ordinal);
        }

        subscription.Flights.Remove(index);
        _batch.Acknowledge(subscription.Number, sequence);
        subscription.Acknowledged++;
        Acknowledged++;
        Unneed(sequence);
    }

    /// <summary>A session has one less in flight. Where its window was full, the next delivery follows from this command.</summary>
    private void MakeRoom(Subscription subscription, TopicSession session, long ordinal)
    {
        if (session.InFlight >= session.Window)
        {
            session.After = Math.Max(session.After, ordinal);
        }

        session.InFlight--;
        MarkReady(subscription);
    }

    private void Return(
        Subscription subscription, int index, long delay, TopicSession session, long now, long ordinal, ref CommandResult result)
    {
        if (index < 0 || !subscription.Flights[index].InFlight || subscription.Flights[index].Session != session)
        {
            result.Outcome = Outcome.NoSuchEvent;
            return;
        }

        session.After = Math.Max(session.After, ordinal);
        result.Sequence = subscription.Flights[index].Sequence;
        GiveBack(subscription, index, now, delay > 0 ? now + Math.Min(delay, MaxLifetime) : 0);
        (result.Outcome, result.Count, result.Flag) = (Outcome.Done, 1, IsIdle(subscription));
    }

    /// <summary>What is in flight goes back to its old place, or to the dead letters.</summary>
    private void GiveBack(Subscription subscription, int index, long now, long due)
    {
        ref var flight = ref subscription.Flights[index];
        flight.Session!.InFlight--;
        MarkReady(subscription);
        if (!Events.IsAlive(flight.Sequence))
        {
            subscription.Flights.Remove(index);
        }
        else if (subscription.MaxTries > 0 && flight.Tries >= subscription.MaxTries)
        {
            Bury(subscription, index, now);
        }
        else
        {
            subscription.Flights.Return(index, due);
            _batch.Write(RecordKind.Returned, subscription.Number, flight.Sequence, flight.Tries, due);
            subscription.Enqueue(flight);
            if (due > 0)
            {
                WakeAt(due);
            }
        }
    }
}
