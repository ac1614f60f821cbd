using System.Net;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>How the broker is served over HTTP. Every limit has a reaction that clients are told.</summary>
public sealed record HttpOptions
{
    /// <summary>Address to listen on; default loopback, so that nobody else reaches it by accident.</summary>
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>Port to listen on, 0 to 65,535; default 8088; 0: any free one.</summary>
    public int Port { get; init; } = 8088;

    /// <summary>
    /// Names beside <c>localhost</c> and addresses that requests may call the server by, where somebody is let in without a token;
    /// default none. By another name a page of a stranger could reach it through the browser of whoever looks at that page.
    /// </summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The tokens of those who may ask, with their rights; default null: everybody may do everything.</summary>
    public AccessList? Access { get; init; }

    /// <summary>Wrong tokens from one address within a minute after which all from there are refused until it is over; 1 to 1,000,000; default 10.</summary>
    public int MaxFailedAttempts { get; init; } = 10;

    /// <summary>Time that the answer to a wrong token is held back, 0 to 1 min; default 1 s.</summary>
    public TimeSpan FailedAttemptDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The certificate to serve HTTPS with (TLS 1.2 and 1.3); default null: plain HTTP.</summary>
    public TlsCertificate? Tls { get; init; }

    /// <summary>Most connections, 1 to 1,000,000; default 4,096. One more is closed.</summary>
    public int MaxConnections { get; init; } = 4_096;

    /// <summary>Longest body of a request, in bytes, 1 KiB to 256 MiB; default 16 MiB. A longer one is refused (413).</summary>
    public int MaxBodyBytes { get; init; } = 16 << 20;

    /// <summary>Bytes of bodies that may be under way at once, 1 MiB to 16 GiB; default 64 MiB. What is beyond is refused (503).</summary>
    public long MaxPendingBytes { get; init; } = 64 << 20;

    /// <summary>Most events of one request, 1 to 1,000,000; default 10,000. A larger batch is refused (413).</summary>
    public int MaxBatchEvents { get; init; } = 10_000;

    /// <summary>Most subscriptions open at once, 1 to 65,536; default 1,024. One more is refused (503).</summary>
    public int MaxSubscriptions { get; init; } = 1_024;

    /// <summary>Bytes of events that may be under way to the reader of one subscription, 4 KiB to 1 GiB; default 512 KiB.</summary>
    public int SubscriptionCredit { get; init; } = 512 * 1024;

    /// <summary>Silence after which a stream says that it lives, 1 s to 1 h; default 15 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Time in which a reader has to take the next 16 KiB of what waits for it, 1 s to 1 day; default 30 s. Otherwise its stream
    /// is closed, and what it had in flight is given back.
    /// </summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether <c>/metrics</c> has the figures of each topic; default yes. Where topics are far away and many, asking all of them
    /// costs more than it tells.
    /// </summary>
    public bool TopicMetrics { get; init; } = true;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Host);
        ArgumentNullException.ThrowIfNull(Names);
        Bounds.Require(nameof(Port), Port, 0, IPEndPoint.MaxPort);
        Bounds.Require(nameof(MaxFailedAttempts), MaxFailedAttempts, 1, 1_000_000);
        Bounds.Require($"{nameof(FailedAttemptDelay)} in seconds", FailedAttemptDelay.TotalSeconds, 0, 60);
        Bounds.Require(nameof(MaxConnections), MaxConnections, 1, 1_000_000);
        Bounds.Require(nameof(MaxBodyBytes), MaxBodyBytes, 1024, 256 << 20);
        Bounds.Require(nameof(MaxPendingBytes), MaxPendingBytes, 1 << 20, 16L << 30);
        Bounds.Require(nameof(MaxBatchEvents), MaxBatchEvents, 1, 1_000_000);
        Bounds.Require(nameof(MaxSubscriptions), MaxSubscriptions, 1, 65_536);
        Bounds.Require(nameof(SubscriptionCredit), SubscriptionCredit, 4096, 1 << 30);
        Bounds.Require($"{nameof(Heartbeat)} in seconds", Heartbeat.TotalSeconds, 1, 3600);
        Bounds.Require($"{nameof(SendTimeout)} in seconds", SendTimeout.TotalSeconds, 1, TimeSpan.FromDays(1).TotalSeconds);
    }
}
