using Orleans.Storage;

namespace Rookery.Grains;

/// <summary>
/// Operations of grain storage: each with a deadline, and whatever a provider throws goes no further, because its exceptions cannot travel
/// between the processes of a cluster. Only once the caller has given up is what comes passed on as it is.
/// </summary>
internal static class StorageGuard
{
    /// <param name="what">What is done: "read", "write".</param>
    /// <param name="record">To what, for people.</param>
    /// <param name="operation">Does it.</param>
    /// <param name="timeout">Time after which its outcome is unknown.</param>
    /// <param name="time">The clock.</param>
    /// <param name="failed">Makes the exception for a failure, of what came and of words that say it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FencedException">Another activation has written the record.</exception>
    public static async Task RunAsync(
        string what, string record, Func<Task> operation, TimeSpan timeout, TimeProvider time, Func<Exception, string, Exception> failed,
        CancellationToken cancellationToken = default)
    {
        try
        {
            await operation().WaitAsync(timeout, time, cancellationToken);
        }
        catch (InconsistentStateException exception)
        {
            throw new FencedException($"{record} was written by another activation: {exception.Message}");
        }
#pragma warning disable CA1031 // Whatever it was: it did not succeed, as far as is known.
        catch (Exception exception) when (exception is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            throw failed(exception, $"could not {what} {record}: {exception.GetType().Name}: {exception.Message}");
        }
    }
}
