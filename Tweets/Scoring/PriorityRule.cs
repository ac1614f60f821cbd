namespace Rookery.Tweets;

/// <summary>
/// Which priority an event about a tweet gets: 0 to 3 for how strongly it is felt, either way, plus 0 to 3 for how much it is answered.
/// <code>
///            +0        +1        +2        +3
/// |sentiment|  &lt; 0.05   &lt; 0.25    &lt; 0.75    0.75 and more     mean score of the words
/// engagement   &lt; 0.001  &lt; 0.01    &lt; 0.1     0.1 and more      reactions per follower
/// </code>
/// A score that is missing adds nothing.
/// </summary>
public static class PriorityRule
{
    /// <summary>The highest priority.</summary>
    public const int Highest = 6;

    /// <summary>Priority of a tweet, 0 to 6.</summary>
    /// <param name="sentiment">Mean score of the words; null where missing.</param>
    /// <param name="engagement">Reactions per follower; null where missing.</param>
    public static int Of(double? sentiment, double? engagement) =>
        Step(Math.Abs(sentiment ?? 0), 0.05, 0.25, 0.75) + Step(engagement ?? 0, 0.001, 0.01, 0.1);

    private static int Step(double value, double one, double two, double three) =>
        (value >= one ? 1 : 0) + (value >= two ? 1 : 0) + (value >= three ? 1 : 0);
}
