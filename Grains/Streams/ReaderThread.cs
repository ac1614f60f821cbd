namespace Rookery.Grains;

/// <summary>
/// A thread of the pool for each reader, beyond those it has for work: a reader waits for room on the thread that brought it the event.
/// On two processors two readers that wait would be all the threads there are, until the pool makes more, half a second each.
/// </summary>
internal sealed class ReaderThread : IDisposable
{
    private static readonly Lock Gate = new();
    private bool _given = true;

    private ReaderThread() => Change(1);

    /// <summary>Takes one, until disposed.</summary>
    public static ReaderThread Take() => new();

    public void Dispose()
    {
        if (_given)
        {
            _given = false;
            Change(-1);
        }
    }

    private static void Change(int by)
    {
        lock (Gate)
        {
            ThreadPool.GetMinThreads(out var workers, out var completions);
            ThreadPool.SetMinThreads(workers + by, completions);
        }
    }
}
