namespace Rookery.Tweets;

/// <summary>How long the pretended work on a tweet takes.</summary>
public enum WorkDistribution
{
    /// <summary>No pretended work.</summary>
    None,

    /// <summary>Normal, cut off at both ends by drawing again.</summary>
    Normal,

    /// <summary>Uniform.</summary>
    Uniform,

    /// <summary>Poisson, in whole milliseconds.</summary>
    Poisson,
}

/// <summary>Settings of the pretended work.</summary>
public sealed record SimulatedWorkOptions
{
    /// <summary>Most that <see cref="Max"/> may be: 1 minute.</summary>
    public static readonly TimeSpan LongestWork = TimeSpan.FromMinutes(1);

    /// <summary>Most that <see cref="Mean"/> may be: 10 s.</summary>
    public static readonly TimeSpan LongestMean = TimeSpan.FromSeconds(10);

    /// <summary>The distribution. Default: none.</summary>
    public WorkDistribution Distribution { get; init; } = WorkDistribution.None;

    /// <summary>Shortest time of normal and uniform, 0 or more. Default: 50 ms.</summary>
    public TimeSpan Min { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest time of normal and uniform, up to 1 minute. Default: 500 ms.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Mean of Poisson, up to 10 s. Default: 30 ms.</summary>
    public TimeSpan Mean { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its bounds.</exception>
    public void Validate()
    {
        Bound.Check(Enum.IsDefined(Distribution), nameof(Distribution), Distribution, "None, Normal, Uniform or Poisson");
        Bound.Check(Min >= TimeSpan.Zero, nameof(Min), Min, "0 or more");
        Bound.Check(Max >= Min && Max <= LongestWork, nameof(Max), Max, "Min to 1 minute");
        Bound.Check(Mean >= TimeSpan.Zero && Mean <= LongestMean, nameof(Mean), Mean, "0 to 10 s");
    }
}
