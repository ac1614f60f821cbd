using Microsoft.Extensions.Logging;

namespace Rookery.Silo;

internal static partial class SiloLog
{
    [LoggerMessage(1, LogLevel.Warning, "STORAGE IS MEMORY: everything is in that of the first silo (primary), and gone when it ends. For a first look only.")]
    public static partial void InMemory(ILogger logger);

    [LoggerMessage(2, LogLevel.Information, "silo {Silo} of cluster {Cluster}; health and dashboard on {Http}")]
    public static partial void Started(ILogger logger, string silo, string cluster, string http);

    [LoggerMessage(3, LogLevel.Warning, "{Count} changes could not be published to {Topic} yet: {Cause}")]
    public static partial void NotPublished(ILogger logger, int count, string topic, string cause);

    [LoggerMessage(4, LogLevel.Warning, "the pipeline could not be asked for an operator")]
    public static partial void PipelineFailed(ILogger logger, Exception cause);

    [LoggerMessage(20, LogLevel.Warning, "the oldest tweets cannot be removed at present: {Reason}")]
    public static partial void NotSwept(ILogger logger, string reason);
}
