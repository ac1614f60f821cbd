using System.Net;
using System.Reflection;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>How the broker's line protocol is served. Every limit has a reaction that clients are told.</summary>
public sealed record WireOptions
{
    internal const int CommandOverhead = 64;

    private static readonly TimeSpan LongestIdle = TimeSpan.FromDays(180);

    /// <summary>Longest line of somebody who has to say <c>hello</c> with a token first, in bytes.</summary>
    internal const int LongestHello = 4096;

    /// <summary>Address to listen on; default loopback, so that nobody else reaches it by accident.</summary>
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>Port to listen on, 0 to 65,535; default 8000; 0: any free one.</summary>
    public int Port { get; init; } = 8000;

    /// <summary>Version that <c>hello</c> and <c>stats</c> report; default the version of this assembly.</summary>
    public string Version { get; init; } = AssemblyVersion();

    /// <summary>Longest line, in bytes without its end, 1 KiB to 256 MiB; default 1 MiB. A longer one is answered, and the connection closed.</summary>
    public int MaxLineBytes { get; init; } = 1 << 20;

    /// <summary>Most connections, 1 to 1,000,000; default 65,536. One more is told so and closed.</summary>
    public int MaxConnections { get; init; } = 65_536;

    /// <summary>Most subscriptions of one connection, 1 to 65,536; default 1,024. One more is refused.</summary>
    public int MaxSubscriptions { get; init; } = 1_024;

    /// <summary>
    /// Bytes of replies and events that may wait for one slow reader, 64 KiB to 1 GiB; default 4 MiB. At that bound replies wait
    /// and no command is read until it drained; subscriptions pause at their share of it, see <see cref="SubscriptionCredit"/>.
    /// </summary>
    public int MaxPendingOutput { get; init; } = 4 << 20;

    /// <summary>
    /// Bytes of commands (each counts 64 more) that one connection may have in execution, 64 KiB to 1 GiB; default 4 MiB.
    /// At that bound no command is read until some are done.
    /// </summary>
    public int MaxPendingCommands { get; init; } = 4 << 20;

    /// <summary>Bytes of events of one subscription that may be under way to a reader, 4 KiB to 1 GiB; default 512 KiB.</summary>
    public int SubscriptionCredit { get; init; } = 512 * 1024;

    /// <summary>
    /// Time without a command or an event after which a connection is closed, up to 180 days, for the timer that looks every
    /// quarter of it goes no further than 49; default zero: never, people may take a day.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// Time that bytes may wait for a reader that takes none of them, 1 s to 1 day, or zero: for ever; default 30 s. Then the
    /// connection is closed and what it had in flight is given back. Who reads, however slowly, is never closed by it.
    /// </summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The tokens of those who may connect, with their rights; default null: everybody may do everything.</summary>
    public AccessList? Access { get; init; }

    /// <summary>Time a connection has to say <c>hello</c> with a token, where nobody is let in without; 1 s to 1 h; default 30 s.</summary>
    public TimeSpan HelloTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Wrong tokens from one address within a minute after which all from there are refused until it is over; 1 to 1,000,000; default 10.</summary>
    public int MaxFailedAttempts { get; init; } = 10;

    /// <summary>Time that the answer to a wrong token is held back, 0 to 1 min; default 1 s.</summary>
    public TimeSpan FailedAttemptDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The certificate to serve TLS with (1.2 and 1.3); default null: plain TCP.</summary>
    public TlsCertificate? Tls { get; init; }

    /// <summary>Silence after which TCP probes whether the peer still exists, 1 s to 1 day; default 60 s.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time that pending replies have to get out when a connection is closed, 0 to 10 min; default 5 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    /// <exception cref="ArgumentException">A text is empty.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Host);
        ArgumentException.ThrowIfNullOrWhiteSpace(Version);
        Bounds.Require(nameof(Port), Port, 0, IPEndPoint.MaxPort);
        Bounds.Require(nameof(MaxLineBytes), MaxLineBytes, 1024, 256 << 20);
        Bounds.Require(nameof(MaxConnections), MaxConnections, 1, 1_000_000);
        Bounds.Require(nameof(MaxSubscriptions), MaxSubscriptions, 1, 65_536);
        Bounds.Require(nameof(MaxPendingOutput), MaxPendingOutput, 64 * 1024, 1 << 30);
        Bounds.Require(nameof(MaxPendingCommands), MaxPendingCommands, 64 * 1024, 1 << 30);
        Bounds.Require(nameof(SubscriptionCredit), SubscriptionCredit, 4096, 1 << 30);
        Bounds.Require($"{nameof(IdleTimeout)} in seconds", IdleTimeout.TotalSeconds, 0, LongestIdle.TotalSeconds);
        Bounds.Require($"{nameof(SendTimeout)} in seconds", SendTimeout.TotalSeconds, SendTimeout == TimeSpan.Zero ? 0 : 1, TimeSpan.FromDays(1).TotalSeconds);
        Bounds.Require($"{nameof(HelloTimeout)} in seconds", HelloTimeout.TotalSeconds, 1, 3600);
        Bounds.Require(nameof(MaxFailedAttempts), MaxFailedAttempts, 1, 1_000_000);
        Bounds.Require($"{nameof(FailedAttemptDelay)} in seconds", FailedAttemptDelay.TotalSeconds, 0, 60);
        Bounds.Require($"{nameof(KeepAlive)} in seconds", KeepAlive.TotalSeconds, 1, TimeSpan.FromDays(1).TotalSeconds);
        Bounds.Require($"{nameof(DrainTimeout)} in seconds", DrainTimeout.TotalSeconds, 0, 600);
    }

    private static string AssemblyVersion() =>
        typeof(WireOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
