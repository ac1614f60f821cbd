namespace Rookery.Tweets;

/// <summary>
/// Waiting times that double from the least to the most, each spread over its upper half, so that many who
/// lost the same server do not come back at the same moment.
/// </summary>
public sealed class BackOff
{
    private readonly TimeSpan _least;
    private readonly TimeSpan _most;
    private readonly Random _random;
    private int _failures;

    /// <summary>Begins with the least.</summary>
    /// <param name="least">The first waiting time, above 0.</param>
    /// <param name="most">The longest, not below the first.</param>
    /// <param name="random">Where the spread comes from; null for one that is shared.</param>
    public BackOff(TimeSpan least, TimeSpan most, Random? random = null)
    {
        _least = least;
        _most = most;
        _random = random ?? Random.Shared;
    }

    /// <summary>The next waiting time.</summary>
    /// <param name="asked">What the server asked for; it stands for the least, and is kept below the most.</param>
    public TimeSpan Next(TimeSpan? asked = null)
    {
        var first = asked ?? _least;
        var full = Math.Min(_most.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(_failures, 30)));
        _failures++;
        // A server that names a time gets at least that.
        var least = asked is { } time ? Math.Max(full / 2, Math.Min(time.TotalMilliseconds, _most.TotalMilliseconds)) : full / 2;
        return TimeSpan.FromMilliseconds(least + (_random.NextDouble() * Math.Max(0, full - least)));
    }

    /// <summary>It went well: begin again with the least.</summary>
    public void Reset() => _failures = 0;
}
