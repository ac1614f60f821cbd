using System.Runtime;

namespace Rookery.Command;

/// <summary>
/// Gives memory back once next to nothing has moved for a while: what was kept for the next rush, and what the collector has
/// free. A process at rest allocates so little that the collector would not come by itself for hours.
/// </summary>
/// <param name="collect">Gives it back.</param>
/// <param name="allocated">Bytes allocated since the start.</param>
/// <param name="time">The clock.</param>
internal sealed class IdleTrim(Action collect, Func<long> allocated, TimeProvider time)
{
    /// <summary>Bytes allocated at rest that are worth another look: at rest the collector lets a generation of any size fill up.</summary>
    public const long Worth = 8 << 20;

    /// <summary>How long next to nothing has to have moved.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>When it looks again: by then the pools of arrays have aged that each thread keeps for itself.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromMinutes(1);

    // Ten a second: the ranking of the hashtags goes on being published for as long as its window has some.
    private const int Trickle = 10;

    private long _before;
    private long _looked = time.GetTimestamp();
    private long _since = time.GetTimestamp();
    private long _allocated;
    private int _times;

    /// <summary>Gives memory back as <c>rookery run</c> does.</summary>
    /// <param name="trim">Lets go what the parts keep for the next rush.</param>
    /// <param name="time">The clock.</param>
    public static IdleTrim Of(Action trim, TimeProvider time) => new(() => Collect(trim), () => GC.GetTotalAllocatedBytes(), time);

    /// <summary>Looks at the figures, about once a second.</summary>
    /// <returns>Whether it gave memory back.</returns>
    public bool Look(StatusFigures now)
    {
        var moved = (now.Tweets?.Records ?? 0) + now.Published + now.Delivered;
        var most = Trickle * Math.Max(1, time.GetElapsedTime(_looked).TotalSeconds);
        var rush = moved - _before > most || now.Tweets is { Waiting: > 0 };
        (_before, _looked) = (moved, time.GetTimestamp());
        if (rush)
        {
            (_since, _times) = (_looked, 0);
            return false;
        }

        var due = _times switch
        {
            0 => time.GetElapsedTime(_since) >= Patience,
            1 => time.GetElapsedTime(_since) >= Again,
            _ => allocated() - _allocated >= Worth,
        };
        if (!due)
        {
            return false;
        }

        _times = Math.Min(_times + 1, 2);
        _since = _looked;
        collect();
        _allocated = allocated();
        return true;
    }

    private static void Collect(Action trim)
    {
        trim();
        SharedArrayPool.Empty();
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeMemory.Trim();
    }
}
