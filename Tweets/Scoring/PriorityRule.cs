namespace Rookery.Tweets;

/// <summary>Which priority an event about a tweet gets.</summary>
public static class PriorityRule
{
    /// <summary>The highest priority.</summary>
    public const int Highest = 6;

    /// <summary>Priority of a tweet, 0 to 6.</summary>
    /// <param name="sentiment">Mean score of the words.</param>
    /// <param name="engagement">Reactions per follower.</param>
    public static int Of(double sentiment, double engagement) => throw new NotImplementedException();
}
