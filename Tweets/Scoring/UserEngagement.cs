namespace Rookery.Tweets;

/// <summary>Engagement over the distinct tweets of a user, each with its latest score.</summary>
/// <param name="Count">Number of tweets.</param>
/// <param name="Sum">Sum of their scores.</param>
public readonly record struct UserEngagement(long Count, double Sum)
{
    /// <summary>Sum / count; 0 for no tweets.</summary>
    public double Mean => Count == 0 ? 0 : Sum / Count;

    /// <summary>With the score of a tweet.</summary>
    /// <param name="score">Its score now.</param>
    /// <param name="previous">The score it was counted with before; null where it was not.</param>
    public UserEngagement With(double score, double? previous) =>
        previous is { } old ? this with { Sum = Sum - old + score } : new UserEngagement(Count + 1, Sum + score);

    /// <summary>Both together, of disjoint sets of tweets.</summary>
    public UserEngagement Merge(UserEngagement other) => new(Count + other.Count, Sum + other.Sum);
}
