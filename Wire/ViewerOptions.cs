using System.Net;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>How the viewers' port is served.</summary>
public sealed record ViewerOptions
{
    /// <summary>Address to listen on; default loopback.</summary>
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>Port to listen on, 0 to 65,535; default 8080; 0: any free one.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Most viewers, 1 to 1,000,000; default 1,024. One more is told so and closed.</summary>
    public int MaxViewers { get; init; } = 1_024;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Host);
        Bounds.Require(nameof(Port), Port, 0, IPEndPoint.MaxPort);
        Bounds.Require(nameof(MaxViewers), MaxViewers, 1, 1_000_000);
    }
}
