namespace Rookery.Tweets;

/// <summary>Settings of the join.</summary>
public sealed record JoinOptions
{
    /// <summary>The stages to wait for. Default: all.</summary>
    public Stages Stages { get; init; } = Stages.All;

    /// <summary>How long a block waits for its scores. 1 ms to 1 hour. Default: 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most tweets waiting; a join that has reached it takes no block. 1 or more. Default: 100,000.</summary>
    public int MaxWaiting { get; init; } = 100_000;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its bounds.</exception>
    public void Validate()
    {
        if ((Stages & ~Stages.All) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(Stages), Stages, "Stages must be a set of Sentiment, Engagement and Censor.");
        }

        if (Timeout < TimeSpan.FromMilliseconds(1) || Timeout > TimeSpan.FromHours(1))
        {
            throw new ArgumentOutOfRangeException(nameof(Timeout), Timeout, "Timeout must be 1 ms to 1 hour.");
        }

        if (MaxWaiting < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxWaiting), MaxWaiting, "MaxWaiting must be 1 or more.");
        }
    }
}
