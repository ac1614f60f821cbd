namespace Rookery.Tweets;

/// <summary>
/// What the store writes at once: distinct tweets and distinct users, the latest of each, in the order in which they first came.
/// It holds a reference to every block it took from. One thread at a time; made once and filled again after <see cref="Clear"/>.
/// </summary>
public sealed class StoreBatch : IDisposable
{
    /// <summary>Number of distinct tweets.</summary>
    public int TweetCount { get; }

    /// <summary>Number of distinct users.</summary>
    public int UserCount { get; }

    /// <summary>Number of records taken, repeats included: what the limits of <see cref="AdaptiveBatch"/> count.</summary>
    public int RecordCount { get; }

    /// <summary>Bytes of the original JSON of the tweets.</summary>
    public long Bytes { get; }

    /// <summary>One tweet.</summary>
    /// <param name="index">0 to <see cref="TweetCount"/> − 1.</param>
    public TweetRow Tweet(int index) => throw new NotImplementedException();

    /// <summary>One user.</summary>
    /// <param name="index">0 to <see cref="UserCount"/> − 1.</param>
    public UserRow User(int index) => throw new NotImplementedException();

    /// <summary>Takes the tweets of some records in, and the caller's reference to their block over.</summary>
    public void Add(in BlockPart part) => throw new NotImplementedException();

    /// <summary>Empties the batch and releases its blocks.</summary>
    public void Clear() => throw new NotImplementedException();

    /// <summary>The same as <see cref="Clear"/>.</summary>
    public void Dispose() => Clear();
}
