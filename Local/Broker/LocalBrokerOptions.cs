using Rookery.Broker;

namespace Rookery.Local;

/// <summary>How the broker of the one-process host is set up.</summary>
public sealed record LocalBrokerOptions
{
    /// <summary>The data folder; the journal is in its folder <c>journal</c>. Default <c>data</c>.</summary>
    public string Directory { get; init; } = "data";

    /// <summary>
    /// The data folder where the program has opened it already, for everything it keeps there; it stays the program's to
    /// dispose. Null: the broker opens, locks and disposes <see cref="Directory"/> itself.
    /// </summary>
    public DataDirectory? Opened { get; init; }

    /// <summary>What clients are held to.</summary>
    public BrokerLimits Limits { get; init; } = new();

    /// <summary>How the journal stores.</summary>
    public JournalOptions Journal { get; init; } = new();

    /// <summary>Memory for frames that were written or read lately, of all topics together, in bytes; default 64 MiB; 0 to 64 GiB.</summary>
    public long CacheBytes { get; init; } = 64L << 20;

    /// <summary>
    /// Most sessions at a time; further ones are refused; default 65,600: those of as many connections as the line protocol
    /// allows by default, and some of the program itself; 1 to 1,001,000.
    /// </summary>
    public int MaxSessions { get; init; } = 65_600;

    /// <summary>Longest pause between attempts to reopen a failed journal; the first is 100 ms, each twice the one before; default 2 s.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest time a graceful stop waits for commits under way; default 10 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Directory);
        Limits.Validate();
        Journal.Validate();
        Bounds.Require(nameof(CacheBytes), CacheBytes, 0, 64L << 30);
        Bounds.Require(nameof(MaxSessions), MaxSessions, 1, 1_001_000);
        Bounds.Require(nameof(MaxRetryDelay), MaxRetryDelay.TotalSeconds, 0.1, 3600);
        Bounds.Require(nameof(StopTimeout), StopTimeout.TotalSeconds, 0, 3600);
    }
}
