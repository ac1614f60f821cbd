using System.Runtime;

namespace Rookery.Command;

/// <summary>
/// Gives memory back once next to nothing has moved for a while: what was kept for the next rush, and what the collector has
/// free. A process at rest allocates so little that the collector would not come by itself for hours.
/// </summary>
/// <param name="collect">Gives back what the collector has, and what lies in the C library. It costs 10 ms of the processor.</param>
/// <param name="trim">Gives back what lies in the C library: a method that is compiled at rest leaves up to 5 MB there.</param>
/// <param name="time">The clock.</param>
internal sealed class IdleTrim(Action collect, Action trim, TimeProvider time)
{
    /// <summary>How long next to nothing has to have moved, and how often memory is given back from then on.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Of so many times the first is the collector's turn. So its second is 40 s after the first: by then the pools of arrays have aged that
    /// each thread keeps for itself, which takes 30 s.
    /// </summary>
    public const int CollectEvery = 4;

    // Ten a second: the ranking of the hashtags goes on being published for as long as its window has some.
    private const int Trickle = 10;

    private long _before;
    private long _looked = time.GetTimestamp();
    private long _since = time.GetTimestamp();
    private int _times;

    /// <summary>Gives memory back as <c>rookery run</c> does.</summary>
    /// <param name="release">Lets go what the parts keep for the next rush.</param>
    /// <param name="time">The clock.</param>
    public static IdleTrim Of(Action release, TimeProvider time) => new(() => Collect(release), NativeMemory.Trim, time);

    /// <summary>Looks at the figures, about once a second.</summary>
    public void Look(StatusFigures now)
    {
        var moved = (now.Tweets?.Records ?? 0) + now.Published + now.Delivered;
        var most = Trickle * Math.Max(1, time.GetElapsedTime(_looked).TotalSeconds);
        var rush = moved - _before > most || now.Tweets is { Waiting: > 0 };
        (_before, _looked) = (moved, time.GetTimestamp());
        if (rush)
        {
            (_since, _times) = (_looked, 0);
            return;
        }

        if (time.GetElapsedTime(_since) < Patience)
        {
            return;
        }

        _since = _looked;
        (_times++ % CollectEvery == 0 ? collect : trim)();
    }

    private static void Collect(Action release)
    {
        release();
        SharedArrayPool.Empty();
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeMemory.Trim();
    }
}
