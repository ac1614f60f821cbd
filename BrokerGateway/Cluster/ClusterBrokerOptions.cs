using Rookery.Broker;

namespace Rookery.BrokerGateway;

/// <summary>How a gateway speaks to the cluster.</summary>
public sealed record ClusterBrokerOptions
{
    /// <summary>What clients are held to; the silos decide, so it has to be what they have.</summary>
    public BrokerLimits Limits { get; init; } = new();

    /// <summary>Time after which a command is answered whatever the cluster does, 100 ms to 10 min; default 5 s.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time after which a call is sent again, which does no harm, 50 ms to 10 min; default 2 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest that a topic may let this gateway wait for deliveries, 100 ms to 10 min; default 5 s, above the silos' poll time.</summary>
    public TimeSpan PullTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest pause between attempts, 1 ms to 1 min; default 500 ms; the first is 20 ms, each twice the one before.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Time between renewals of names, 100 ms to 10 min, well below the silos' gateway lease; default 3 s.</summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Most sessions at a time, 1 to 1,000,000; further ones are refused; default 65,536.</summary>
    public int MaxSessions { get; init; } = 65_536;

    /// <summary>Bytes of commands in one call, about, 4 KiB to 8 MiB; default 1 MiB.</summary>
    public int CallBytes { get; init; } = 1 << 20;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    public void Validate()
    {
        Limits.Validate();
        Bounds.Require($"{nameof(CallTimeout)} in seconds", CallTimeout.TotalSeconds, 0.1, 600);
        Bounds.Require($"{nameof(AttemptTimeout)} in seconds", AttemptTimeout.TotalSeconds, 0.05, 600);
        Bounds.Require($"{nameof(PullTimeout)} in seconds", PullTimeout.TotalSeconds, 0.1, 600);
        Bounds.Require($"{nameof(MaxRetryDelay)} in seconds", MaxRetryDelay.TotalSeconds, 0.001, 60);
        Bounds.Require($"{nameof(RenewEvery)} in seconds", RenewEvery.TotalSeconds, 0.1, 600);
        Bounds.Require(nameof(MaxSessions), MaxSessions, 1, 1_000_000);
        Bounds.Require(nameof(CallBytes), CallBytes, 4096, 8 << 20);
    }
}
