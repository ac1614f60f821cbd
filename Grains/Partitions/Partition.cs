namespace Rookery.Grains;

/// <summary>Which partition an id belongs to.</summary>
internal static class Partition
{
    /// <summary>0 to <paramref name="partitions"/> − 1.</summary>
    /// <remarks>Fibonacci hashing (Knuth, TAOCP vol. 3, 6.4): the lowest bits of the ids of tweets are 0 most of the time.</remarks>
    public static int Of(long id, int partitions) => (int)((((ulong)id * 0x9E3779B97F4A7C15) >> 32) % (ulong)partitions);
}
