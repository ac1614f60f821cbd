namespace Rookery.Broker;

/// <content>Figures.</content>
internal sealed partial class Topic
{
    /// <summary>The topic's figures now.</summary>
    public TopicStats GetStats()
    {
        var subscriptions = new List<SubscriptionStats>(_subscriptions.Count);
        foreach (var subscription in _subscriptions.Values)
        {
            var waiting = (long)(subscription.Flights.Count - subscription.Flights.InFlight);
            foreach (var list in _lists)
            {
                waiting += list.CountFrom(subscription.CursorOf(list).Place, Events);
            }

            subscriptions.Add(new SubscriptionStats
            {
                Key = subscription.Key.ToString(),
                Members = subscription.Members.Count,
                Waiting = waiting,
                InFlight = subscription.Flights.InFlight,
                Dead = subscription.Dead?.Count ?? 0,
                Delivered = subscription.Delivered,
                Redelivered = subscription.Redelivered,
                Acknowledged = subscription.Acknowledged,
            });
        }

        subscriptions.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        return new TopicStats
        {
            Topic = Name.Value,
            LastSequence = NextSequence - 1,
            Events = Events.Count,
            Bytes = _bytes,
            Dropped = Dropped,
            Expired = Expired,
            Subscriptions = subscriptions,
        };
    }
}
