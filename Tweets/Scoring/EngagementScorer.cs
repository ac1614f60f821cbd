namespace Rookery.Tweets;

/// <summary>Engagement of a tweet: (favorites + retweets) / followers; with no followers, the sum.</summary>
public sealed class EngagementScorer : IScorer
{
    /// <inheritdoc/>
    public Stages Stage => Stages.Engagement;

    /// <inheritdoc/>
    public void Score(in BlockPart part)
    {
        foreach (ref var record in part.Records)
        {
            record.Engagement = Score(record.Favorites, record.Retweets, record.Followers);
        }
    }

    /// <summary>Scores one tweet.</summary>
    /// <param name="favorites">Likes, 0 or more.</param>
    /// <param name="retweets">Retweets, 0 or more.</param>
    /// <param name="followers">Followers of the author, 0 or more.</param>
    public static double Score(long favorites, long retweets, long followers) =>
        ((double)favorites + retweets) / Math.Max(1, followers);
}
