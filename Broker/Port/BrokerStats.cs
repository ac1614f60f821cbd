namespace Rookery.Broker;

/// <summary>Figures of a broker as a whole, since it started unless said otherwise.</summary>
public sealed record BrokerStats
{
    /// <summary>When a confirmed publish counts as stored: <c>fsync</c>, <c>interval</c>, <c>memory</c>, or what the cluster promises.</summary>
    public required string Durability { get; init; }

    /// <summary>Topics there are now.</summary>
    public required int Topics { get; init; }

    /// <summary>Sessions open now.</summary>
    public required int Sessions { get; init; }

    /// <summary>Events stored.</summary>
    public required long Published { get; init; }

    /// <summary>Deliveries made.</summary>
    public required long Delivered { get; init; }

    /// <summary>Deliveries settled.</summary>
    public required long Acknowledged { get; init; }

    /// <summary>Writes of the journal that failed.</summary>
    public required long FailedWrites { get; init; }
}

/// <summary>Figures of a topic, since it was recovered unless said otherwise.</summary>
public sealed record TopicStats
{
    /// <summary>Its name.</summary>
    public required string Topic { get; init; }

    /// <summary>Why its figures are not known at present, and say nothing; null: they are. Only of a broker in several processes.</summary>
    public string? NotReady { get; init; }

    /// <summary>Number of its newest event; 0 where there was none.</summary>
    public required long LastSequence { get; init; }

    /// <summary>Events it holds now, whether for a subscription or for late comers.</summary>
    public required long Events { get; init; }

    /// <summary>Bytes of the events it holds now.</summary>
    public required long Bytes { get; init; }

    /// <summary>Events that retention took from a subscription which had not settled them.</summary>
    public required long Dropped { get; init; }

    /// <summary>Events that ended unsettled because their time to live was over.</summary>
    public required long Expired { get; init; }

    /// <summary>Its subscriptions, in order of key.</summary>
    public required IReadOnlyList<SubscriptionStats> Subscriptions { get; init; }
}

/// <summary>Figures of a subscription.</summary>
public sealed record SubscriptionStats
{
    /// <summary>Whose it is: <c>group:name</c>, <c>client:name</c> or <c>session:id</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Sessions that receive its deliveries now.</summary>
    public required int Members { get; init; }

    /// <summary>Events waiting now.</summary>
    public required long Waiting { get; init; }

    /// <summary>Events in flight now.</summary>
    public required long InFlight { get; init; }

    /// <summary>Dead letters now.</summary>
    public required long Dead { get; init; }

    /// <summary>Deliveries made.</summary>
    public required long Delivered { get; init; }

    /// <summary>Deliveries that were not the first of their event.</summary>
    public required long Redelivered { get; init; }

    /// <summary>Deliveries settled.</summary>
    public required long Acknowledged { get; init; }
}
