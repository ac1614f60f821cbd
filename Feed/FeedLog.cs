using Microsoft.Extensions.Logging;

namespace Rookery.Feed;

internal static partial class FeedLog
{
    [LoggerMessage(1, LogLevel.Information, "Tweets at {Address}tweets/1 to {Streams}, rate {Rate}, seed {Seed}.")]
    public static partial void Listening(ILogger logger, Uri address, int streams, FeedRate rate, int seed);

    [LoggerMessage(2, LogLevel.Debug, "A reader of stream {Stream} came.")]
    public static partial void StreamOpened(ILogger logger, int stream);

    [LoggerMessage(3, LogLevel.Debug, "A reader of stream {Stream} left, or its stream ended, after {Tweets} tweets.")]
    public static partial void StreamClosed(ILogger logger, int stream, long tweets);

    [LoggerMessage(4, LogLevel.Error, "Stream {Stream} broke off.")]
    public static partial void StreamFailed(ILogger logger, int stream, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "A reader was refused: {MaxReaders} read already.")]
    public static partial void ReaderRefused(ILogger logger, int maxReaders);
}
