namespace Rookery.Grains;

/// <summary>
/// Bounds what is on its way. Whoever reads waits here, blocking: that is how pressure travels back to the socket. For any number of threads.
/// </summary>
internal sealed class FlightWindow(int most, long mostBytes)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    // Monitor.Wait needs an object of the old kind.
    private readonly object _gate = new();
    private int _records;
    private long _bytes;

    /// <summary>Records on their way.</summary>
    public int Records => Volatile.Read(ref _records);

    /// <summary>Waits for room. An empty window takes anything.</summary>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public void Enter(int records, long bytes, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            while (!TryEnter(records, bytes))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Monitor.Wait(_gate, Look);
            }
        }
    }

    /// <summary>Enters where there is room.</summary>
    public bool TryEnter(int records, long bytes)
    {
        lock (_gate)
        {
            if (_records > 0 && (_records + records > most || _bytes + bytes > mostBytes))
            {
                return false;
            }

            _records += records;
            _bytes += bytes;
            return true;
        }
    }

    /// <summary>It has arrived.</summary>
    public void Leave(int records, long bytes)
    {
        lock (_gate)
        {
            _records -= records;
            _bytes -= bytes;
            Monitor.PulseAll(_gate);
        }
    }
}
