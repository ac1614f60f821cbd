namespace Rookery.Broker;

/// <summary>How a subscription is to be served. Null leaves what an existing subscription has, or the default of a new one.</summary>
public sealed record SubscribeOptions
{
    /// <summary>Group whose members share the events; null: the subscription is the client's own.</summary>
    public string? Group { get; init; }

    /// <summary>Most events in flight at this session, 1 to 65,536; default 1.</summary>
    public int? Window { get; init; }

    /// <summary>Where a new subscription begins; default <see cref="StartPosition.New"/>.</summary>
    public StartPosition? From { get; init; }

    /// <summary>Time a delivery may stay unacknowledged before it is given back, in milliseconds; default 0: as long as the session lives.</summary>
    public int? LeaseMs { get; init; }

    /// <summary>Deliveries after which an event becomes a dead letter; default 0: no limit.</summary>
    public int? MaxTries { get; init; }

    /// <summary>
    /// Bytes that may be sent at once before the session grants more; see <see cref="IBrokerSession.Grant"/>. It counts where
    /// the session was not subscribed yet; a repeated subscribe leaves the credit as it is.
    /// </summary>
    public long Credit { get; init; } = long.MaxValue;
}

/// <summary>Where a new subscription begins.</summary>
public readonly record struct StartPosition
{
    private StartPosition(StartKind kind, long value) => (Kind, Value) = (kind, value);

    /// <summary>Behind the newest event: what comes from now on.</summary>
    public static StartPosition New => default;

    /// <summary>With the oldest event that is kept.</summary>
    public static StartPosition Start { get; } = new(StartKind.Start, 0);

    /// <summary>What <see cref="Value"/> counts.</summary>
    public StartKind Kind { get; }

    /// <summary>A sequence number, or milliseconds since 1970 (UTC).</summary>
    public long Value { get; }

    /// <summary>With this event, or the oldest that is kept behind it.</summary>
    public static StartPosition At(long sequence) => new(StartKind.Sequence, sequence);

    /// <summary>With the first event published at this time or later.</summary>
    public static StartPosition Since(DateTimeOffset time) => new(StartKind.Time, time.ToUnixTimeMilliseconds());
}

/// <summary>What a <see cref="StartPosition"/> counts.</summary>
public enum StartKind : byte
{
    /// <summary>Behind the newest event.</summary>
    New,

    /// <summary>With the oldest event.</summary>
    Start,

    /// <summary>With an event's number.</summary>
    Sequence,

    /// <summary>With a time of publishing.</summary>
    Time,
}
