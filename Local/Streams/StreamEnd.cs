namespace Rookery.Local;

/// <summary>Why a connection of a stream ended, or did not begin.</summary>
public enum StreamEnd
{
    /// <summary>The server ended it.</summary>
    Ended,

    /// <summary>No connection: refused, unreachable, unknown name, or too slow.</summary>
    Refused,

    /// <summary>A status other than 200.</summary>
    Status,

    /// <summary>Something else than a stream of events, such as HTML.</summary>
    ContentType,

    /// <summary>No byte came for too long.</summary>
    Stalled,

    /// <summary>The connection broke.</summary>
    Broken,

    /// <summary>Reading it failed here, in a way nobody foresaw.</summary>
    Failed,
}

/// <summary>A connection of a stream ended.</summary>
internal sealed class StreamEndedException : Exception
{
    public StreamEndedException(StreamEnd end, string message, Exception? cause = null) : base(message, cause) => End = end;

    /// <summary>Why.</summary>
    public StreamEnd End { get; }
}

/// <summary>Figures of one stream.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Connected">Whether it is connected now.</param>
/// <param name="Connects">Connections that brought an answer.</param>
/// <param name="Reconnects">Times it had to connect again.</param>
/// <param name="Ends">How its connections ended, each reason and how often.</param>
/// <param name="LastEnd">How the last one ended, for people; null before.</param>
/// <param name="Rejecting">Whether messages were rejected lately, how many and why, for people; else null.</param>
/// <param name="Read">What it brought.</param>
public sealed record TweetStreamStatus(
    int Number,
    bool Connected,
    long Connects,
    long Reconnects,
    IReadOnlyDictionary<StreamEnd, long> Ends,
    string? LastEnd,
    string? Rejecting,
    Tweets.ReaderCounters Read);
