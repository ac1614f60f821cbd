using System.Buffers;

namespace Rookery.Command;

/// <summary>
/// The arrays of bytes that the process keeps for anybody, tens of megabytes after a rush. The collector lets them go one by one
/// over hours, and there is no call for it: so they are taken out, and not given back.
/// </summary>
internal static class SharedArrayPool
{
    private const int Smallest = 16 << 10;
    private const int Largest = 16 << 20;
    private const int MostOfASize = 4096;

    /// <summary>Leaves the big ones to the collector, but for those that other threads keep for themselves.</summary>
    /// <returns>Bytes of the arrays that were taken out.</returns>
    public static long Empty()
    {
        var taken = 0L;
        for (var bytes = Smallest; bytes <= Largest; bytes *= 2)
        {
            // Others give arrays back meanwhile: what is taken of a size has an end.
            for (var i = 0; i < MostOfASize && TakeOut(bytes); i++)
            {
                taken += bytes;
            }
        }

        return taken;
    }

    /// <summary>One that was kept; a new one has to be allocated where none is.</summary>
    private static bool TakeOut(int bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = ArrayPool<byte>.Shared.Rent(bytes);
        return GC.GetAllocatedBytesForCurrentThread() - before < bytes;
    }
}
