using Microsoft.Extensions.Logging;

namespace Rookery.Local;

/// <summary>What the broker logs.</summary>
internal static partial class BrokerLog
{
    [LoggerMessage(20, LogLevel.Error, "the journal failed; all topics are being recovered from it, and commands are refused meanwhile")]
    public static partial void Recovering(ILogger logger, Exception cause);

    [LoggerMessage(21, LogLevel.Warning, "the journal was reopened and {Topics} topics recovered; that is recovery {Count} since the start")]
    public static partial void Recovered(ILogger logger, int topics, int count);

    [LoggerMessage(22, LogLevel.Error, "the journal could not be reopened; next attempt in {Delay}")]
    public static partial void RecoveryFailed(ILogger logger, TimeSpan delay, Exception cause);

    [LoggerMessage(27, LogLevel.Warning, "the journal that failed could not be closed in order")]
    public static partial void NotClosed(ILogger logger, Exception cause);

    [LoggerMessage(23, LogLevel.Warning, "commits were still under way after {Timeout}; stopping without them")]
    public static partial void DrainTimedOut(ILogger logger, TimeSpan timeout);

    [LoggerMessage(24, LogLevel.Information, "session {Session} of {Name} was taken over by another")]
    public static partial void TakenOver(ILogger logger, Guid session, string? name);

    [LoggerMessage(25, LogLevel.Warning, "a session was refused: {Sessions} are open, and no more are allowed")]
    public static partial void SessionRefused(ILogger logger, int sessions);

    [LoggerMessage(26, LogLevel.Warning, "the receiver of session {Session} failed; the session ends")]
    public static partial void ReceiverFailed(ILogger logger, Guid session, Exception cause);
}
