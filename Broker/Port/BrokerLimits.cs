namespace Rookery.Broker;

/// <summary>What a broker allows. Every limit has a reaction that clients are told.</summary>
public sealed record BrokerLimits
{
    /// <summary>Longest message, in bytes of JSON; default 1,000,000.</summary>
    public int MaxMessageBytes { get; init; } = 1_000_000;

    /// <summary>Longest id, in bytes of text; default and bound of the protocol 256.</summary>
    public int MaxIdBytes { get; init; } = 256;

    /// <summary>Most topics; a new one above is refused; default 10,000.</summary>
    public int MaxTopics { get; init; } = 10_000;

    /// <summary>Most subscriptions of one topic; a new one above is refused; default 10,000, at most 65,535.</summary>
    public int MaxSubscriptionsPerTopic { get; init; } = 10_000;

    /// <summary>Largest window of a subscription; default and bound of the protocol 65,536.</summary>
    public int MaxWindow { get; init; } = 65_536;

    /// <summary>Most dead letters of one subscription; the oldest goes first; default 10,000.</summary>
    public int MaxDeadLetters { get; init; } = 10_000;

    /// <summary>Most producers a topic remembers; the longest unused goes first; default 10,000.</summary>
    public int MaxProducersPerTopic { get; init; } = 10_000;

    /// <summary>What a topic keeps and holds.</summary>
    public Retention Retention { get; init; } = new();

    /// <summary>How long a named subscription may be unused before it ends; default 30 days.</summary>
    public TimeSpan UnusedSubscription { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How long a topic without events and subscriptions may be unused before it is given back; default 10 minutes. What it
    /// has to remember (the number of its last event, its producers) is remembered as long as <see cref="UnusedSubscription"/>.
    /// </summary>
    public TimeSpan UnusedTopic { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Checks every limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    public void Validate()
    {
        Bounds.Require(nameof(MaxMessageBytes), MaxMessageBytes, 1, 256 * 1024 * 1024);
        Bounds.Require(nameof(MaxIdBytes), MaxIdBytes, 1, 256);
        Bounds.Require(nameof(MaxTopics), MaxTopics, 1, 1_000_000);
        Bounds.Require(nameof(MaxSubscriptionsPerTopic), MaxSubscriptionsPerTopic, 1, ushort.MaxValue);
        Bounds.Require(nameof(MaxWindow), MaxWindow, 1, 65_536);
        Bounds.Require(nameof(MaxDeadLetters), MaxDeadLetters, 1, 10_000_000);
        Bounds.Require(nameof(MaxProducersPerTopic), MaxProducersPerTopic, 1, 1_000_000);
        Bounds.Require(nameof(UnusedSubscription), UnusedSubscription.TotalSeconds, 1, TimeSpan.FromDays(3650).TotalSeconds);
        Bounds.Require(nameof(UnusedTopic), UnusedTopic.TotalSeconds, 1, TimeSpan.FromDays(3650).TotalSeconds);
        Retention.Validate();
    }
}

/// <summary>
/// What a topic keeps. Events that every subscription settled are kept while they are within <see cref="KeepEvents"/>,
/// <see cref="KeepBytes"/> and <see cref="KeepAge"/>, for subscribers that come late. Events that somebody has not settled
/// are kept until the topic holds more than <see cref="MaxEvents"/> or <see cref="MaxBytes"/>, or they are older than <see cref="MaxAge"/>.
/// </summary>
public sealed record Retention
{
    /// <summary>Newest events kept though settled; default 10,000.</summary>
    public long KeepEvents { get; init; } = 10_000;

    /// <summary>Bytes of newest events kept though settled; default 64 MiB.</summary>
    public long KeepBytes { get; init; } = 64L << 20;

    /// <summary>Age up to which events are kept though settled; default 24 hours.</summary>
    public TimeSpan KeepAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Most events a topic holds for silent subscribers; default 50 million.</summary>
    public long MaxEvents { get; init; } = 50_000_000;

    /// <summary>Most bytes a topic holds for silent subscribers; default 16 GiB.</summary>
    public long MaxBytes { get; init; } = 16L << 30;

    /// <summary>Greatest age of an event; default 30 days.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>What happens at <see cref="MaxEvents"/> or <see cref="MaxBytes"/>; default <see cref="Overflow.DropOldest"/>.</summary>
    public Overflow Overflow { get; init; } = Overflow.DropOldest;

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    public void Validate()
    {
        Bounds.Require(nameof(KeepEvents), KeepEvents, 0, long.MaxValue);
        Bounds.Require(nameof(KeepBytes), KeepBytes, 0, long.MaxValue);
        Bounds.Require(nameof(KeepAge), KeepAge.TotalSeconds, 0, TimeSpan.FromDays(3650).TotalSeconds);
        Bounds.Require(nameof(MaxEvents), MaxEvents, 1, long.MaxValue);
        Bounds.Require(nameof(MaxBytes), MaxBytes, 1024, long.MaxValue);
        Bounds.Require(nameof(MaxAge), MaxAge.TotalSeconds, 1, TimeSpan.FromDays(3650).TotalSeconds);
    }
}

/// <summary>What a full topic does with a new event.</summary>
public enum Overflow : byte
{
    /// <summary>The oldest events go; every subscription that had not settled them counts them as lost.</summary>
    DropOldest,

    /// <summary>The publish is refused.</summary>
    Refuse,
}
