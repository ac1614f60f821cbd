namespace Rookery.Tweets;

/// <summary>Settings of the hashtag ranking.</summary>
public sealed record HashtagRankingOptions
{
    /// <summary>How many hashtags to list, 1 to 1,000. Default: 10.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Length of the window, a whole number of panes, at most 3,600. Default: 60 s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Length of the panes the window moves by, in whole milliseconds. Default: 1 s.</summary>
    public TimeSpan Pane { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Different hashtags counted per pane, 16 to 1,000,000. Default: 1,024.</summary>
    public int Counters { get; init; } = 1024;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its bounds.</exception>
    public void Validate()
    {
        Bound.Check(Top is >= 1 and <= 1000, nameof(Top), Top, "1 to 1000");
        Bound.Check(
            Pane >= TimeSpan.FromMilliseconds(1) && Pane.Ticks % TimeSpan.TicksPerMillisecond == 0, nameof(Pane), Pane, "1 ms or more, whole milliseconds");
        Bound.Check(
            Window >= Pane && Window.Ticks % Pane.Ticks == 0 && Window.Ticks / Pane.Ticks <= 3600, nameof(Window), Window, "1 to 3600 panes");
        Bound.Check(Counters is >= 16 and <= 1_000_000, nameof(Counters), Counters, "16 to 1000000");
    }
}
