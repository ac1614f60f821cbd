namespace Rookery.Client;

/// <summary>How a topic is subscribed to. What is null is left to the broker, or as it is where the subscription exists.</summary>
public sealed record SubscribeOptions
{
    /// <summary>Most events received and not acknowledged, 1 to 65,536; it also bounds what the client holds. Default 256.</summary>
    public int Window { get; init; } = 256;

    /// <summary>Where a new subscription begins; default null, with what is published from now on.</summary>
    public StartFrom? From { get; init; }

    /// <summary>
    /// Time an event may stay unacknowledged before it is delivered again, in ms; 0: as long as the connection lives. It begins when the
    /// broker sends the event, so it should last for a whole <see cref="Window"/>. Of an event that comes again before it was handed out only the new copy is;
    /// one that was handed out is handed out again unless it is acknowledged before that.
    /// </summary>
    public int? LeaseMs { get; init; }

    /// <summary>Deliveries after which an event becomes a dead letter; 0: no limit.</summary>
    public int? MaxTries { get; init; }

    /// <summary>Group whose members share the events; default null, the subscription is the client's own.</summary>
    public string? Group { get; init; }

    /// <summary>
    /// An event is acknowledged when the consumer asks for the next one, unless it was settled before. An event at which the consumer
    /// stops asking is not. Default true.
    /// </summary>
    public bool AutoAck { get; init; } = true;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    public void Validate()
    {
        RookeryClientOptions.Require(nameof(Window), Window, Window is >= 1 and <= 65_536, "from 1 to 65536");
        RookeryClientOptions.Require(nameof(LeaseMs), LeaseMs, LeaseMs is null or >= 0, "null, or 0 or more");
        RookeryClientOptions.Require(nameof(MaxTries), MaxTries, MaxTries is null or >= 0, "null, or 0 or more");
        RookeryClientOptions.Require(nameof(Group), Group, Group is null or { Length: > 0 }, "null or not empty");
    }
}
