using Rookery.Broker;

namespace Rookery.Grains.Interfaces;

/// <summary>A topic's figures.</summary>
/// <param name="Status"><see cref="LinkStatus.Done"/>, or <see cref="LinkStatus.Unavailable"/>.</param>
/// <param name="Stats">The figures; null where there is no such topic.</param>
/// <param name="Detail">Why there is no answer.</param>
[GenerateSerializer, Immutable, Alias("Rookery.TopicStatsReply")]
public sealed record TopicStatsReply(
    [property: Id(0)] LinkStatus Status, [property: Id(1)] TopicStats? Stats, [property: Id(2)] string? Detail);

/// <summary>How <see cref="TopicStats"/> travels.</summary>
[GenerateSerializer, Immutable, Alias("Rookery.TopicStats")]
public struct TopicStatsSurrogate
{
    /// <inheritdoc cref="TopicStats.Topic"/>
    [Id(0)] public string Topic { get; set; }

    /// <inheritdoc cref="TopicStats.LastSequence"/>
    [Id(1)] public long LastSequence { get; set; }

    /// <inheritdoc cref="TopicStats.Events"/>
    [Id(2)] public long Events { get; set; }

    /// <inheritdoc cref="TopicStats.Bytes"/>
    [Id(3)] public long Bytes { get; set; }

    /// <inheritdoc cref="TopicStats.Dropped"/>
    [Id(4)] public long Dropped { get; set; }

    /// <inheritdoc cref="TopicStats.Expired"/>
    [Id(5)] public long Expired { get; set; }

    /// <inheritdoc cref="TopicStats.Subscriptions"/>
    [Id(6)] public SubscriptionStatsSurrogate[] Subscriptions { get; set; }
}

/// <summary>How <see cref="SubscriptionStats"/> travels.</summary>
[GenerateSerializer, Immutable, Alias("Rookery.SubscriptionStats")]
public struct SubscriptionStatsSurrogate
{
    /// <inheritdoc cref="SubscriptionStats.Key"/>
    [Id(0)] public string Key { get; set; }

    /// <inheritdoc cref="SubscriptionStats.Members"/>
    [Id(1)] public int Members { get; set; }

    /// <inheritdoc cref="SubscriptionStats.Waiting"/>
    [Id(2)] public long Waiting { get; set; }

    /// <inheritdoc cref="SubscriptionStats.InFlight"/>
    [Id(3)] public long InFlight { get; set; }

    /// <inheritdoc cref="SubscriptionStats.Dead"/>
    [Id(4)] public long Dead { get; set; }

    /// <inheritdoc cref="SubscriptionStats.Delivered"/>
    [Id(5)] public long Delivered { get; set; }

    /// <inheritdoc cref="SubscriptionStats.Redelivered"/>
    [Id(6)] public long Redelivered { get; set; }

    /// <inheritdoc cref="SubscriptionStats.Acknowledged"/>
    [Id(7)] public long Acknowledged { get; set; }
}

/// <summary>Between <see cref="TopicStats"/> and what travels.</summary>
[RegisterConverter]
public sealed class TopicStatsConverter : IConverter<TopicStats, TopicStatsSurrogate>
{
    /// <inheritdoc/>
    public TopicStats ConvertFromSurrogate(in TopicStatsSurrogate surrogate) => new()
    {
        Topic = surrogate.Topic,
        LastSequence = surrogate.LastSequence,
        Events = surrogate.Events,
        Bytes = surrogate.Bytes,
        Dropped = surrogate.Dropped,
        Expired = surrogate.Expired,
        Subscriptions = Array.ConvertAll(surrogate.Subscriptions, static one => new SubscriptionStats
        {
            Key = one.Key,
            Members = one.Members,
            Waiting = one.Waiting,
            InFlight = one.InFlight,
            Dead = one.Dead,
            Delivered = one.Delivered,
            Redelivered = one.Redelivered,
            Acknowledged = one.Acknowledged,
        }),
    };

    /// <inheritdoc/>
    public TopicStatsSurrogate ConvertToSurrogate(in TopicStats value) => new()
    {
        Topic = value.Topic,
        LastSequence = value.LastSequence,
        Events = value.Events,
        Bytes = value.Bytes,
        Dropped = value.Dropped,
        Expired = value.Expired,
        Subscriptions = [.. value.Subscriptions.Select(static one => new SubscriptionStatsSurrogate
        {
            Key = one.Key,
            Members = one.Members,
            Waiting = one.Waiting,
            InFlight = one.InFlight,
            Dead = one.Dead,
            Delivered = one.Delivered,
            Redelivered = one.Redelivered,
            Acknowledged = one.Acknowledged,
        })],
    };
}
