namespace Rookery.Client;

/// <summary>How a <see cref="RookeryClient"/> connects, who it is, and what it holds at most.</summary>
public sealed record RookeryClientOptions
{
    /// <summary>Name or address of the broker's host; default 127.0.0.1.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>TCP port of the broker, 1 to 65,535; default 8000.</summary>
    public int Port { get; init; } = 8000;

    /// <summary>
    /// Durable name of this client (<c>as</c>). Its subscriptions outlive the connection and collect events meanwhile; a second
    /// connection of the same name takes them over. Default: null, its subscriptions end with the connection.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>Credential, where the broker asks for one; default null.</summary>
    public string? Token { get; init; }

    /// <summary>TLS, and whom to trust; default null, plain TCP: whoever is on the way can read and change everything, the token too.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>
    /// Name of this publisher. The client then numbers its events and repeats the unconfirmed ones after a reconnect; the broker
    /// stores each once. Default: null, a publish whose connection is lost ends with <see cref="UnknownOutcomeException"/>. Where the broker
    /// itself cannot tell what became of an event, either ends so.
    /// </summary>
    public string? Producer { get; init; }

    /// <summary>
    /// Number of the first event of a <see cref="Producer"/>, above all that this name has used before. Default: 0, microseconds since
    /// 1970 by <see cref="TimeProvider"/>, which grows over restarts as long as the clock is not set back.
    /// </summary>
    public long FirstNumber { get; init; }

    /// <summary>Time for a connection to be made and greeted, above 0 to 10 min; default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause before the first attempt to reconnect, 1 ms to 10 min; it doubles with each failure. Default 100 ms.</summary>
    public TimeSpan ReconnectMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause between attempts to reconnect, <see cref="ReconnectMin"/> to 1 h; default 5 s.</summary>
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Part of each pause that is drawn at random, 0 to 1, so that many clients do not return at once; default 0.3.</summary>
    public double ReconnectJitter { get; init; } = 0.3;

    /// <summary>Time without a connection after which the client gives up, above 0; default null, never.</summary>
    public TimeSpan? GiveUpAfter { get; init; }

    /// <summary>Silence after which the broker is asked for a sign of life, and again after which the connection counts as lost; 100 ms to 1 h, default 10 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most events published and not confirmed yet, 1 to 1,000,000; further publishes wait. Default 4,096.</summary>
    public int MaxUnconfirmed { get; init; } = 4_096;

    /// <summary>Most bytes of events published and not confirmed yet, 1 KiB to 1 GiB; further publishes wait (one event always fits). Default 64 MiB.</summary>
    public long MaxUnconfirmedBytes { get; init; } = 64L << 20;

    /// <summary>Longest time an acknowledgement waits for others to be sent with it, 0 to 1 min; default 5 ms.</summary>
    public TimeSpan AckDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Time that disposing waits for what is unconfirmed, 0 to 10 min; default 2 s.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest line taken from the broker, 1 KiB to 1 GiB; a longer one ends the connection. Default 8 MiB.</summary>
    public int MaxLineBytes { get; init; } = 8 << 20;

    /// <summary>Told of every change of the connection, on the client's own thread: it must neither block nor throw. Default: null.</summary>
    public Action<ConnectionChange>? ConnectionChanged { get; init; }

    /// <summary>The clock; default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    public void Validate()
    {
        Require(nameof(Host), Host, !string.IsNullOrWhiteSpace(Host), "a host name or address");
        Require(nameof(Port), Port, Port is >= 1 and <= 65_535, "from 1 to 65535");
        Require(nameof(Name), Name, Name is null or { Length: > 0 }, "null or not empty");
        Require(nameof(Producer), Producer, Producer is null or { Length: > 0 }, "null or not empty");
        Tls?.Validate();
        Require(nameof(FirstNumber), FirstNumber, FirstNumber >= 0, "0 or more");
        Require(nameof(ConnectTimeout), ConnectTimeout, ConnectTimeout > TimeSpan.Zero && ConnectTimeout <= TimeSpan.FromMinutes(10), "above 0 and at most 10 minutes");
        Require(nameof(ReconnectMin), ReconnectMin, ReconnectMin >= TimeSpan.FromMilliseconds(1) && ReconnectMin <= TimeSpan.FromMinutes(10), "from 1 ms to 10 minutes");
        Require(nameof(ReconnectMax), ReconnectMax, ReconnectMax >= ReconnectMin && ReconnectMax <= TimeSpan.FromHours(1), "from ReconnectMin to 1 hour");
        Require(nameof(ReconnectJitter), ReconnectJitter, ReconnectJitter is >= 0 and <= 1, "from 0 to 1");
        Require(nameof(GiveUpAfter), GiveUpAfter, GiveUpAfter is null || GiveUpAfter > TimeSpan.Zero, "null or above 0");
        Require(nameof(Heartbeat), Heartbeat, Heartbeat >= TimeSpan.FromMilliseconds(100) && Heartbeat <= TimeSpan.FromHours(1), "from 100 ms to 1 hour");
        Require(nameof(MaxUnconfirmed), MaxUnconfirmed, MaxUnconfirmed is >= 1 and <= 1_000_000, "from 1 to 1000000");
        Require(nameof(MaxUnconfirmedBytes), MaxUnconfirmedBytes, MaxUnconfirmedBytes is >= 1024 and <= 1L << 30, "from 1024 to 1073741824");
        Require(nameof(AckDelay), AckDelay, AckDelay >= TimeSpan.Zero && AckDelay <= TimeSpan.FromMinutes(1), "from 0 to 1 minute");
        Require(nameof(CloseTimeout), CloseTimeout, CloseTimeout >= TimeSpan.Zero && CloseTimeout <= TimeSpan.FromMinutes(10), "from 0 to 10 minutes");
        Require(nameof(MaxLineBytes), MaxLineBytes, MaxLineBytes is >= 1024 and <= 1 << 30, "from 1024 to 1073741824");
        Require(nameof(TimeProvider), TimeProvider, TimeProvider is not null, "set");
    }

    internal static void Require(string option, object? value, bool valid, string bound)
    {
        if (!valid)
        {
            throw new ArgumentException(FormattableString.Invariant($"{option} is {value ?? "null"}; it must be {bound}"));
        }
    }
}
