using Rookery.Broker;

namespace Rookery.Grains;

/// <summary>Settings of the change feed of a cluster.</summary>
public sealed record ChangeFeedOptions
{
    /// <summary>Changes compared at once when the position is lost, 1 to 10,000. Default: 1,000.</summary>
    public int ScanSize { get; init; } = 1000;

    /// <summary>
    /// Bytes published at once to a topic, about, 1 KiB to 8 MiB. Changes that come together and are more are published in parts.
    /// Default: 4 MiB.
    /// </summary>
    public int BatchBytes { get; init; } = 4 << 20;

    /// <summary>Time between two writes of the position; what was published since is recognised if it is published again. Default: 500 ms.</summary>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Time between two writes of the position where nothing changed but the position. Default: 10 s.</summary>
    public TimeSpan SaveIdleEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// By how much the comparison begins before the last change that was published: clocks differ, and a write may have been
    /// under way for a while. What changed in it is published again. Default: 5 min.
    /// </summary>
    public TimeSpan Overlap { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time between two comparisons with a store that cannot follow changes. Default: 1 s.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>First and longest pause before what failed is tried again. Default: 100 ms and 5 s.</summary>
    public (TimeSpan First, TimeSpan Longest) Pause { get; init; } = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    public void Validate()
    {
        Bounds.Require(nameof(ScanSize), ScanSize, 1, 10_000);
        Bounds.Require(nameof(BatchBytes), BatchBytes, 1024, 8 << 20);
        Bounds.Require($"{nameof(SaveEvery)} in seconds", SaveEvery.TotalSeconds, 0, 60);
        Bounds.Require($"{nameof(SaveIdleEvery)} in seconds", SaveIdleEvery.TotalSeconds, SaveEvery.TotalSeconds, 3600);
        Bounds.Require($"{nameof(Overlap)} in seconds", Overlap.TotalSeconds, 0, 86_400);
        Bounds.Require($"{nameof(PollEvery)} in seconds", PollEvery.TotalSeconds, 0.01, 3600);
        Bounds.Require($"{nameof(Pause)}.{nameof(Pause.First)} in seconds", Pause.First.TotalSeconds, 0.001, Pause.Longest.TotalSeconds);
    }
}
