namespace Rookery.Tweets;

/// <summary>The topics that a host publishes to; those of the statistics are named by <see cref="TopicStatistics.Topic"/>.</summary>
public static class TopicNames
{
    /// <summary>Every tweet that was committed.</summary>
    public const string Tweets = "tweets";

    /// <summary>Every user that was committed.</summary>
    public const string Users = "users";

    /// <summary>The most frequent hashtags, each second.</summary>
    public const string Hashtags = "hashtags";
}
