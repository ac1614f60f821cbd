using System.Runtime;

namespace Rookery.Command;

/// <summary>
/// Gives memory back once next to nothing has moved for a while: what was kept for the next rush, and what the collector has
/// free. A process at rest allocates so little that the collector would not come by itself for hours.
/// </summary>
/// <param name="collect">Gives back what the collector has, and what lies in the C library. Everything stands still meanwhile: 10 ms for a small heap.</param>
/// <param name="trim">Gives back what lies in the C library: a method that is compiled at rest leaves up to 5 MB there.</param>
/// <param name="memory">Bytes allocated since the start, and bytes that the heap has now.</param>
/// <param name="time">The clock.</param>
internal sealed class IdleTrim(Action collect, Action trim, Func<(long Allocated, long Heap)> memory, TimeProvider time)
{
    /// <summary>How long next to nothing has to have moved, and how often memory is given back from then on.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Of so many times the first is the collector's turn. So its turns are 40 s apart: the pools of arrays that each thread keeps for itself
    /// age 30 s from a first turn that sees them unused, which may be the second.
    /// </summary>
    public const int CollectEvery = 4;

    /// <summary>Turns that the collector takes in any case.</summary>
    public const int Collections = 3;

    /// <summary>Behind those, the fewest bytes allocated since the last one.</summary>
    public const long Worth = 512 << 10;

    // Where much waits for subscribers, to go through all of it for a few bytes would hold up those few that publish.
    private const int HeapOverWorth = 10;

    // Ten a second: the ranking of the hashtags goes on being published for as long as its window has some.
    private const int Trickle = 10;

    private long _before;
    private long _looked = time.GetTimestamp();
    private long _since = time.GetTimestamp();
    private int _times;
    private int _collections;
    private (long Allocated, long Heap) _memory;

    /// <summary>Gives memory back as <c>rookery run</c> does.</summary>
    /// <param name="release">Lets go what the parts keep for the next rush.</param>
    /// <param name="time">The clock.</param>
    public static IdleTrim Of(Action release, TimeProvider time) => new(
        () => Collect(release), NativeMemory.Trim, () => (GC.GetTotalAllocatedBytes(), GC.GetTotalMemory(forceFullCollection: false)), time);

    /// <summary>Looks at the figures, about once a second.</summary>
    public void Look(StatusFigures now)
    {
        var moved = (now.Tweets?.Records ?? 0) + now.Published + now.Delivered;
        var most = Trickle * Math.Max(1, time.GetElapsedTime(_looked).TotalSeconds);
        var rush = moved - _before > most || now.Tweets is { Waiting: > 0 };
        (_before, _looked) = (moved, time.GetTimestamp());
        if (rush)
        {
            (_since, _times, _collections) = (_looked, 0, 0);
            return;
        }

        if (time.GetElapsedTime(_since) < Patience)
        {
            return;
        }

        _since = _looked;
        if (_times++ % CollectEvery != 0 || !IsWorthIt())
        {
            trim();
            return;
        }

        collect();
        _collections++;
        _memory = memory();
    }

    private bool IsWorthIt() => _collections < Collections || memory().Allocated - _memory.Allocated >= Math.Max(Worth, _memory.Heap / HeapOverWorth);

    private static void Collect(Action release)
    {
        release();
        SharedArrayPool.Empty();
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeMemory.Trim();
    }
}
