namespace Rookery.Tweets;

/// <summary>The most frequent hashtags of a sliding window, in bounded memory, each with the error its count may have.</summary>
public sealed class HashtagRanking
{
    /// <summary>A ranking that has seen nothing yet.</summary>
    public HashtagRanking(HashtagRankingOptions? options = null) => throw new NotImplementedException();

    /// <summary>Counts one hashtag.</summary>
    /// <param name="tag">UTF-8, without the <c>#</c>.</param>
    /// <param name="now">The time, in milliseconds of any steady clock.</param>
    public void Add(ReadOnlySpan<byte> tag, long now) => throw new NotImplementedException();

    /// <summary>Counts the hashtags of all top-level tweets and originals among some records.</summary>
    public void Add(in BlockPart part, long now) => throw new NotImplementedException();

    /// <summary>Adds what another ranking with the same options and clock has counted.</summary>
    public void Merge(HashtagRanking other) => throw new NotImplementedException();

    /// <summary>The most frequent hashtags of the window that ends now, the most frequent first.</summary>
    public IReadOnlyList<HashtagCount> Top(long now) => throw new NotImplementedException();
}

/// <summary>A hashtag and how often it occurred.</summary>
/// <param name="Tag">As it was last written, without the <c>#</c>.</param>
/// <param name="Count">Never below the true count.</param>
/// <param name="Error">By how much it may be too high, at most.</param>
/// <param name="Guaranteed">Whether it is certainly among the top: even its count − error is no less than the first count below the list.</param>
public readonly record struct HashtagCount(string Tag, long Count, long Error, bool Guaranteed);
