namespace Rookery.Tweets.Tests;

public class EngagementTests
{
    [Theory]
    [InlineData(3, 4, 10, 0.7)]
    [InlineData(3, 4, 0, 7)]
    [InlineData(0, 0, 0, 0)]
    [InlineData(0, 0, 1000, 0)]
    [InlineData(long.MaxValue, long.MaxValue, 1, 2.0 * long.MaxValue)]
    public void Engagement_is_reactions_per_follower(long favorites, long retweets, long followers, double score)
    {
        Assert.Equal(score, EngagementScorer.Score(favorites, retweets, followers), 12);
    }

    [Fact]
    public void A_tweet_that_recurs_with_growing_counts_is_one_tweet_of_its_author()
    {
        var user = default(UserEngagement).With(0.5, null).With(0.1, null).With(0.9, 0.5);

        Assert.Equal(2, user.Count);
        Assert.Equal(1.0, user.Sum, 12);
        Assert.Equal(0.5, user.Mean, 12);
        Assert.Equal(0, default(UserEngagement).Mean);
        Assert.Equal(new UserEngagement(5, 4), new UserEngagement(2, 1).Merge(new UserEngagement(3, 3)));
    }

    [Theory]
    [InlineData(0.0, 0.0, 0)]
    [InlineData(null, null, 0)]
    [InlineData(-0.05, 0.0, 1)]
    [InlineData(0.25, 0.001, 3)]
    [InlineData(-5.0, 0.1, 6)]
    [InlineData(0.74, 0.0999, 4)]
    [InlineData(null, 1e9, 3)]
    public void Priority_grows_with_feeling_and_with_answers(double? sentiment, double? engagement, int priority)
    {
        Assert.Equal(priority, PriorityRule.Of(sentiment, engagement));
    }
}
