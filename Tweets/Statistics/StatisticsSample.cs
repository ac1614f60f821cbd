namespace Rookery.Tweets;

/// <summary>What a <see cref="StatisticsWindow"/> has gathered. One thread at a time.</summary>
public sealed class StatisticsSample
{
    /// <summary>Times of work on a piece.</summary>
    public Percentiles Work { get; } = new();

    /// <summary>Times of writing tweets.</summary>
    public Percentiles Tweets { get; } = new();

    /// <summary>Times of writing users.</summary>
    public Percentiles Users { get; } = new();

    /// <summary>Workers that crashed.</summary>
    public long Crashes { get; set; }

    /// <summary>Tweets written.</summary>
    public long TweetCount { get; set; }

    /// <summary>Users written.</summary>
    public long UserCount { get; set; }

    /// <summary>Whether nothing was gathered.</summary>
    public bool IsEmpty => Work.Count + Tweets.Count + Users.Count + Crashes == 0;
}
