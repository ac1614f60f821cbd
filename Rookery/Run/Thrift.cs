using System.Runtime;

namespace Rookery.Command;

/// <summary>
/// Gives memory back once nothing has moved for a while: what was kept for the next rush, and what the collector has free. A
/// process at rest allocates so little that the collector would not come by itself for hours.
/// </summary>
internal sealed class Thrift(Action trim, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private (long, long, long, int) _before;
    private long _since = time.GetTimestamp();
    private bool _done;

    /// <summary>Looks at the figures, about once a second.</summary>
    /// <returns>Whether it gave memory back.</returns>
    public bool Look(StatusFigures now)
    {
        var moved = (now.Tweets?.Records ?? 0, now.Published, now.Delivered, now.Connections);
        if (moved != _before || now.Tweets is { Waiting: > 0 })
        {
            (_before, _since, _done) = (moved, time.GetTimestamp(), false);
            return false;
        }

        if (_done || time.GetElapsedTime(_since) < Patience)
        {
            return false;
        }

        _done = true;
        trim();
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeMemory.Trim();
        return true;
    }
}
