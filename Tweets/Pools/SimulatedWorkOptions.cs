namespace Rookery.Tweets;

/// <summary>Settings of the pretended work.</summary>
public sealed record SimulatedWorkOptions
{
    /// <summary>The distribution. Default: none.</summary>
    public WorkDistribution Distribution { get; init; } = WorkDistribution.None;

    /// <summary>Shortest time of normal and uniform. Default: 50 ms.</summary>
    public TimeSpan Min { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest time of normal and uniform. Default: 500 ms.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Mean of Poisson. Default: 30 ms.</summary>
    public TimeSpan Mean { get; init; } = TimeSpan.FromMilliseconds(30);
}
