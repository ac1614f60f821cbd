namespace Rookery.Tweets;

/// <summary>Settings of an adaptive limit of concurrency.</summary>
public sealed record ConcurrencyLimitOptions
{
    /// <summary>Calls at a time to begin with. Default: 2.</summary>
    public int Initial { get; init; } = 2;

    /// <summary>Fewest calls at a time, 1 or more. Default: 1.</summary>
    public int Min { get; init; } = 1;

    /// <summary>Most calls at a time, up to 10,000. Default: 64.</summary>
    public int Max { get; init; } = 64;

    /// <summary>Callers that may wait for their turn, 0 or more; a further one is refused. Default: 4,096.</summary>
    public int MaxWaiting { get; init; } = 4096;

    /// <summary>Shortest time over which calls are averaged, above 0. Default: 20 ms.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long less than half of the limit must have been in use before it is lowered by a tenth. Default: 2 s.</summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its bounds.</exception>
    public void Validate()
    {
        Bound.Check(Min >= 1, nameof(Min), Min, "1 or more");
        Bound.Check(Max >= Min && Max <= 10_000, nameof(Max), Max, "Min to 10000");
        Bound.Check(Initial >= Min && Initial <= Max, nameof(Initial), Initial, "Min to Max");
        Bound.Check(MaxWaiting >= 0, nameof(MaxWaiting), MaxWaiting, "0 or more");
        Bound.Check(Window > TimeSpan.Zero, nameof(Window), Window, "above 0");
        Bound.Check(IdleAfter > TimeSpan.Zero, nameof(IdleAfter), IdleAfter, "above 0");
    }
}
