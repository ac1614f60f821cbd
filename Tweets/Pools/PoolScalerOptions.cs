namespace Rookery.Tweets;

/// <summary>Settings of a pool's size.</summary>
public sealed record PoolScalerOptions
{
    /// <summary>Fewest workers, 1 or more. Default: 1.</summary>
    public int Min { get; init; } = 1;

    /// <summary>Most workers, up to 10,000. Default: 16.</summary>
    public int Max { get; init; } = 16;

    /// <summary>A pool grows while more than this many pieces of work per worker wait; at least four times <see cref="Low"/>. Default: 4.</summary>
    public double High { get; init; } = 4;

    /// <summary>A pool shrinks while fewer than this many pieces of work per worker wait; above 0. Default: 0.5.</summary>
    public double Low { get; init; } = 0.5;

    /// <summary>Least time from any change to growing. Default: 500 ms.</summary>
    public TimeSpan GrowAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a pool must have had too little work before it shrinks by a quarter, at least one. Default: 5 s.</summary>
    public TimeSpan ShrinkAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its bounds.</exception>
    public void Validate()
    {
        Bound.Check(Min >= 1, nameof(Min), Min, "1 or more");
        Bound.Check(Max >= Min && Max <= 10_000, nameof(Max), Max, "Min to 10000");
        Bound.Check(Low > 0 && double.IsFinite(Low), nameof(Low), Low, "above 0");
        Bound.Check(High >= 4 * Low && double.IsFinite(High), nameof(High), High, "4 * Low or more");
        Bound.Check(GrowAfter >= TimeSpan.Zero, nameof(GrowAfter), GrowAfter, "0 or more");
        Bound.Check(ShrinkAfter >= TimeSpan.Zero, nameof(ShrinkAfter), ShrinkAfter, "0 or more");
    }
}
