namespace Rookery.Tweets;

/// <summary>Settings of the join.</summary>
public sealed record JoinOptions
{
    /// <summary>The stages to wait for, at least one. Default: all.</summary>
    public Stages Stages { get; init; } = Stages.All;

    /// <summary>How long a block waits for its scores. 1 ms to 1 hour. Default: 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most tweets waiting; a join that has reached it takes no block. 1 or more. Default: 100,000.</summary>
    public int MaxWaiting { get; init; } = 100_000;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its bounds.</exception>
    public void Validate()
    {
        Bound.Check(
            Stages != Stages.None && (Stages & ~Stages.All) == 0, nameof(Stages), Stages, "one or more of Sentiment, Engagement and Censor");
        Bound.Check(Timeout >= TimeSpan.FromMilliseconds(1) && Timeout <= TimeSpan.FromHours(1), nameof(Timeout), Timeout, "1 ms to 1 hour");
        Bound.Check(MaxWaiting >= 1, nameof(MaxWaiting), MaxWaiting, "1 or more");
    }
}
