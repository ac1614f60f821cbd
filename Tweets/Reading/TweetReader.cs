namespace Rookery.Tweets;

/// <summary>Turns the data of one event into records of a block.</summary>
public sealed class TweetReader
{
    /// <summary>Deepest nesting of brackets that is read.</summary>
    public const int MaxDepth = 64;
}
