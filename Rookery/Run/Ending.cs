using Microsoft.Extensions.Logging;

namespace Rookery.Command;

/// <summary>Ends parts one after the other.</summary>
internal static partial class Ending
{
    /// <summary>Does all of it in this order; what one step runs into is logged, and keeps none of the others from being done.</summary>
    public static async ValueTask AllAsync(ILogger logger, params IEnumerable<Func<ValueTask>> steps)
    {
        foreach (var step in steps)
        {
            try
            {
                await step();
            }
            catch (Exception failed)
            {
                LogFailed(logger, failed);
            }
        }
    }

    /// <summary>Ends one that may not be there.</summary>
    public static Func<ValueTask> Of(IAsyncDisposable? part) => () => part?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Ends one that may not be there.</summary>
    public static Func<ValueTask> Of(IDisposable? part) => () =>
    {
        part?.Dispose();
        return ValueTask.CompletedTask;
    };

    [LoggerMessage(LogLevel.Error, "a part did not end as it should; the others do")]
    private static partial void LogFailed(ILogger logger, Exception reason);
}
