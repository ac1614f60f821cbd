namespace Rookery.Tweets;

/// <summary>Settings of a pool's size.</summary>
public sealed record PoolScalerOptions
{
    /// <summary>Fewest workers, 1 or more. Default: 1.</summary>
    public int Min { get; init; } = 1;

    /// <summary>Most workers. Default: 16.</summary>
    public int Max { get; init; } = 16;

    /// <summary>A pool grows while more than this many pieces of work per worker wait. Default: 4.</summary>
    public double High { get; init; } = 4;

    /// <summary>A pool shrinks while fewer than this many pieces of work per worker wait. Default: 0.5.</summary>
    public double Low { get; init; } = 0.5;

    /// <summary>Least time between growing twice. Default: 500 ms.</summary>
    public TimeSpan GrowAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a pool must have been idle before it shrinks by one. Default: 5 s.</summary>
    public TimeSpan ShrinkAfter { get; init; } = TimeSpan.FromSeconds(5);
}
