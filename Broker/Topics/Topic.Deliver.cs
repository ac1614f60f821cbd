namespace Rookery.Broker;

/// <summary>The event a subscription gets next.</summary>
internal struct Candidate
{
    public long Sequence;

    /// <summary>The list it stands in; null: it came back.</summary>
    public PriorityList? List;

    /// <summary>Its flight, where it came back.</summary>
    public int Flight;
}

/// <content>Deliveries, and what the clock brings.</content>
internal sealed partial class Topic
{
    /// <summary>Finds the durable event that a subscription gets next: the largest priority first, then the smallest number.</summary>
    public bool Peek(Subscription subscription, out Candidate candidate)
    {
        candidate = new Candidate { Flight = subscription.FirstReturned() };
        var isBack = candidate.Flight >= 0;
        var (priority, first) = isBack
            ? (subscription.Flights[candidate.Flight].Priority, subscription.Flights[candidate.Flight].Sequence)
            : (sbyte.MinValue, long.MaxValue);
        foreach (var list in _lists)
        {
            if (list.Priority < priority)
            {
                break;
            }

            ref var cursor = ref subscription.CursorOf(list);
            if (list.TryFind(ref cursor.Place, Events, out var sequence) && sequence <= Durable)
            {
                if (list.Priority > priority || sequence < first)
                {
                    (candidate.Sequence, candidate.List) = (sequence, list);
                    return true;
                }

                break;
            }
        }

        candidate.Sequence = first;
        return isBack;
    }

    /// <summary>Puts an event in flight; returns how often it was delivered, this time included.</summary>
    public int Take(Subscription subscription, in Candidate candidate, TopicSession session, EventId id, long now)
    {
        var index = candidate.Flight;
        if (candidate.List is { } list)
        {
            ref var cursor = ref subscription.CursorOf(list);
            (cursor.Place, cursor.Taken) = (cursor.Place + 1, candidate.Sequence);
            index = subscription.Flights.Add(candidate.Sequence, list.Priority, tries: 0, due: 0);
        }

        subscription.Flights.Send(index, session, id, now);
        session.InFlight++;
        subscription.Delivered++;
        Delivered++;
        if (subscription.LeaseMs > 0)
        {
            WakeAt(now + subscription.LeaseMs);
        }

        var tries = subscription.Flights[index].Tries;
        subscription.Redelivered += tries > 1 ? 1 : 0;
        return tries;
    }

    /// <summary>Does what is due.</summary>
    public void Tick(long now)
    {
        _wake = long.MaxValue;
        _unusedSeen = UnusedSince <= now;
        EndByAge(now);
        List<Subscription>? unused = null;
        foreach (var subscription in _subscriptions.Values)
        {
            EndLeases(subscription, now);
            if (subscription.Release(now))
            {
                MarkReady(subscription);
            }

            WakeAt(subscription.NextDue());
            if (subscription.Members.Count > 0 || !subscription.Key.IsDurable)
            {
                continue;
            }

            if (UnusedAt(subscription) <= now)
            {
                (unused ??= []).Add(subscription);
            }
            else
            {
                WakeAt(UnusedAt(subscription));
            }
        }

        unused?.ForEach(End);
    }

    private void EndLeases(Subscription subscription, long now)
    {
        // In the order they were sent, which is the order their leases end.
        while (subscription.LeaseMs > 0
            && subscription.Flights.Oldest is >= 0 and var oldest
            && subscription.Flights[oldest].Time + subscription.LeaseMs <= now)
        {
            GiveBack(subscription, oldest, now, due: 0);
        }
    }
}
