namespace Rookery.Local;

/// <summary>Settings of the change feed.</summary>
public sealed record ChangeFeedOptions
{
    /// <summary>Changes published at once, 1 to 100,000. Default: 2,000.</summary>
    public int BatchSize { get; init; } = 2000;

    /// <summary>First and longest waiting time before a publish that failed is repeated. Default: 100 ms and 5 s.</summary>
    public (TimeSpan First, TimeSpan Longest) Retry { get; init; } = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));

    /// <summary>How long no change must have come before published ones are removed on their own. Default: 1 s.</summary>
    public TimeSpan TrimAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its bounds.</exception>
    public void Validate()
    {
        if (BatchSize is < 1 or > 100_000)
        {
            throw new ArgumentOutOfRangeException(nameof(BatchSize), BatchSize, "BatchSize must be 1 to 100000.");
        }

        if (Retry.First <= TimeSpan.Zero || Retry.Longest < Retry.First)
        {
            throw new ArgumentOutOfRangeException(nameof(Retry), Retry, "Retry must be above 0, growing.");
        }

        if (TrimAfter <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(TrimAfter), TrimAfter, "TrimAfter must be above 0.");
        }
    }
}

/// <summary>Figures of the change feed, since it was started.</summary>
/// <param name="Published">Changes published and confirmed.</param>
/// <param name="Repeated">Of these, changes that had been published before: after a crash, or a reply that got lost.</param>
/// <param name="Gone">Changes of rows that were removed by a bound of the store before they could be published.</param>
/// <param name="Refused">Changes the broker will not take, now or later.</param>
/// <param name="Retries">Times a publish had to be repeated.</param>
/// <param name="Trouble">What stands in the way at present; null where nothing does.</param>
public sealed record ChangeFeedStatus(long Published, long Repeated, long Gone, long Refused, long Retries, string? Trouble);
