using Rookery.Broker;

namespace Rookery.Grains;

/// <summary>How the topics of a silo are set up; alike on all silos of a cluster.</summary>
public sealed record TopicOptions
{
    /// <summary>Name under which the silo has the grain storage of topics.</summary>
    public const string Storage = "topics";

    /// <summary>What clients are held to.</summary>
    public BrokerLimits Limits { get; init; } = new();

    /// <summary>How logs are kept.</summary>
    public LogOptions Log { get; init; } = new();

    /// <summary>What a confirmed publish is worth here, as <c>stats</c> shows it: <c>majority</c> or <c>memory</c>.</summary>
    public string Durability { get; init; } = "majority";

    /// <summary>Time that a gateway may be silent before its sessions leave the topic, 1 s to 10 min; default 10 s.</summary>
    public TimeSpan GatewayLease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest <see cref="PollTime"/>: gateways wait 5 s for an answer, and it may come half a second late.</summary>
    public static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(4);

    /// <summary>Time after which a gateway that waits for deliveries is told there are none, 100 ms to 4 s, below half the lease; default 2 s.</summary>
    public TimeSpan PollTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Memory for frames of all topics of the silo together, in bytes, 0 to 64 GiB; default 256 MiB.</summary>
    public long CacheBytes { get; init; } = 256L << 20;

    /// <summary>Bytes of deliveries that may wait in a topic for one gateway, about, 64 KiB to 1 GiB; default 16 MiB.</summary>
    public int LinkBytes { get; init; } = 16 << 20;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    public void Validate()
    {
        Limits.Validate();
        Log.Validate();
        ArgumentException.ThrowIfNullOrWhiteSpace(Durability);
        Bounds.Require($"{nameof(GatewayLease)} in seconds", GatewayLease.TotalSeconds, 1, 600);
        Bounds.Require($"{nameof(PollTime)} in seconds", PollTime.TotalSeconds, 0.1, Math.Min(LongestPoll.TotalSeconds, GatewayLease.TotalSeconds / 2));
        Bounds.Require(nameof(CacheBytes), CacheBytes, 0, 64L << 30);
        Bounds.Require(nameof(LinkBytes), LinkBytes, 64 * 1024, 1 << 30);

        // A message travels in one call, and is in memory several times while it does.
        Bounds.Require($"{nameof(Limits)}.{nameof(Limits.MaxMessageBytes)}", Limits.MaxMessageBytes, 1, 8 << 20);
    }
}
