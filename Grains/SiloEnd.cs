using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Rookery.Grains;

/// <summary>
/// The time that a silo has left once it was told to end. A grain that is still busy when it is over is cut off by the runtime, which takes that
/// for a mistake of the grain and logs it as one; so grains ask how long they may take, and leave what they cannot do to their successors.
/// </summary>
public sealed class SiloEnd
{
    /// <summary>What the runtime and a busy machine get of it.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider _time;
    private readonly TimeSpan _whole;
    private volatile object? _began;

    /// <summary>Begins to watch.</summary>
    /// <param name="life">Tells when the silo is told to end.</param>
    /// <param name="host">Has the time that it may take.</param>
    /// <param name="time">The clock; default: the system's.</param>
    public SiloEnd(IHostApplicationLifetime life, IOptions<HostOptions> host, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(life);
        ArgumentNullException.ThrowIfNull(host);
        (_time, _whole) = (time ?? TimeProvider.System, host.Value.ShutdownTimeout);
        life.ApplicationStopping.Register(() => _began = _time.GetTimestamp());
    }

    /// <summary>What is left; null: the silo goes on.</summary>
    public TimeSpan? Left => _began is long began ? _whole - _time.GetElapsedTime(began) : null;

    /// <summary>How long a grain may take to end that would take this long.</summary>
    /// <param name="longest">With all the time there is.</param>
    public TimeSpan Within(TimeSpan longest) => Left is not { } left || left - Margin > longest ? longest : left > Margin ? left - Margin : TimeSpan.Zero;

    /// <summary>Whether grains that take this long to end would have no time for it if anything else went before them.</summary>
    /// <param name="longest">How long they take; no more than half of the time is kept for them.</param>
    public bool IsTimeForGrains(TimeSpan longest) => Left is { } left && left < Min(longest + Margin + Margin, _whole / 2);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
