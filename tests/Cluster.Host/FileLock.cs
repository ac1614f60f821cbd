namespace Rookery.Cluster.Host;

/// <summary>A lock between processes: a file that one has open. It is released when its process ends, however it ends.</summary>
internal static class FileLock
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Waits for the lock; dispose of it to let it go.</summary>
    public static IDisposable Take(string path)
    {
        for (var deadline = DateTime.UtcNow + Deadline; ;)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            }
            catch (IOException) when (DateTime.UtcNow < deadline)
            {
                Thread.Sleep(1);
            }
        }
    }
}
