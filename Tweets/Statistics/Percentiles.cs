namespace Rookery.Tweets;

/// <summary>Percentiles of times in bounded memory.</summary>
public sealed class Percentiles
{
    /// <summary>Number of times added.</summary>
    public long Count { get; }

    /// <summary>Adds a time.</summary>
    public void Add(TimeSpan elapsed) => throw new NotImplementedException();

    /// <summary>The time that a share of all times does not exceed, in milliseconds.</summary>
    /// <param name="percent">0 to 100.</param>
    public double At(double percent) => throw new NotImplementedException();
}
