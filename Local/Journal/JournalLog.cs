using Microsoft.Extensions.Logging;

namespace Rookery.Local;

/// <summary>What the journal logs.</summary>
internal static partial class JournalLog
{
    [LoggerMessage(1, LogLevel.Information, "journal {Directory}: {Segments} segments, {Frames} frames, {Bytes} bytes read in {Elapsed}; durability {Durability}")]
    public static partial void Recovered(
        ILogger logger, string directory, int segments, long frames, long bytes, TimeSpan elapsed, Durability durability);

    [LoggerMessage(2, LogLevel.Warning, "journal {Directory}: {Kind} in {File}, offset {Offset}, {Bytes} bytes: {What}")]
    public static partial void Found(
        ILogger logger, string directory, FindingKind kind, string file, long offset, long bytes, string what);

    [LoggerMessage(3, LogLevel.Warning, "journal {Directory}: {Count} more findings like these")]
    public static partial void FoundMore(ILogger logger, string directory, long count);

    [LoggerMessage(4, LogLevel.Error, "journal {Directory} takes nothing more until it is reopened and recovered")]
    public static partial void Failed(ILogger logger, string directory, Exception cause);

    [LoggerMessage(6, LogLevel.Warning, "journal {Directory}: no room is set aside for a full disk: {Why}")]
    public static partial void NoReserve(ILogger logger, string directory, string why);

    [LoggerMessage(7, LogLevel.Error, "journal {Directory}: the disk is full; events are refused, acknowledgements and drops are not, until there is room")]
    public static partial void Low(ILogger logger, string directory);

    [LoggerMessage(8, LogLevel.Information, "journal {Directory}: there is room again")]
    public static partial void RoomAgain(ILogger logger, string directory);

    [LoggerMessage(9, LogLevel.Warning, "{Frame} cannot be read at present; its topic waits, next attempt in {Pause}")]
    public static partial void NotRead(ILogger logger, string frame, TimeSpan pause, Exception cause);

    [LoggerMessage(10, LogLevel.Error, "the events of a frame are lost, and counted as dropped")]
    public static partial void FrameLost(ILogger logger, Exception cause);

    [LoggerMessage(5, LogLevel.Debug, "journal {Directory}: segment {Segment} is {Alive} bytes alive of {Used}; asking {Topics} topics to move them")]
    public static partial void Reclaiming(ILogger logger, string directory, int segment, long alive, long used, int topics);
}
