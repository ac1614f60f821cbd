namespace Rookery.Command;

internal static class Waiting
{
    /// <summary>Waits for a request to stop, or for the time to pass.</summary>
    public static async Task UntilAsync(TimeSpan? duration, CancellationToken stop)
    {
        try
        {
            await Task.Delay(duration ?? Timeout.InfiniteTimeSpan, stop);
        }
        catch (OperationCanceledException)
        {
            // Being asked is one of the two.
        }
    }
}
