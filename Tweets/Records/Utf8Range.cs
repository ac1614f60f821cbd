namespace Rookery.Tweets;

/// <summary>A stretch of UTF-8 bytes in the buffer of a <see cref="TweetBlock"/>.</summary>
/// <param name="Start">Offset of the first byte.</param>
/// <param name="Length">Number of bytes; 0 where there is nothing.</param>
public readonly record struct Utf8Range(int Start, int Length)
{
    /// <summary>Whether there is nothing in it.</summary>
    public bool IsEmpty => Length == 0;
}
