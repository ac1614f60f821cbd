using System.Numerics;

namespace Rookery.Tweets;

/// <summary>
/// Percentiles of times in bounded memory: a histogram of buckets that are linear within each power of two, as in HdrHistogram.
/// Times are kept to the microsecond, up to about 36 minutes; an answer is within 0.8 % of a time that was added. One thread at a time.
/// </summary>
public sealed class Percentiles
{
    private const int Bits = 7;
    private const int PerPower = 1 << Bits;
    private const long Longest = (1L << 31) - 1;
    private const int Buckets = PerPower + ((31 - Bits) * PerPower);

    private readonly long[] _counts = new long[Buckets];
    private long _least = long.MaxValue;
    private long _most;

    /// <summary>Number of times added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a time.</summary>
    public void Add(TimeSpan elapsed)
    {
        var microseconds = Math.Clamp(elapsed.Ticks / TimeSpan.TicksPerMicrosecond, 0, Longest);
        _counts[BucketOf(microseconds)]++;
        _least = Math.Min(_least, microseconds);
        _most = Math.Max(_most, microseconds);
        Count++;
    }

    /// <summary>Adds what another one has.</summary>
    public void Merge(Percentiles other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (var i = 0; i < Buckets; i++)
        {
            _counts[i] += other._counts[i];
        }

        _least = Math.Min(_least, other._least);
        _most = Math.Max(_most, other._most);
        Count += other.Count;
    }

    /// <summary>The buckets that have times, and how many; for <see cref="Add(int, long, long, long)"/>.</summary>
    public IEnumerable<(int Bucket, long Count)> NotEmpty
    {
        get
        {
            for (var i = 0; i < Buckets; i++)
            {
                if (_counts[i] > 0)
                {
                    yield return (i, _counts[i]);
                }
            }
        }
    }

    /// <summary>The shortest and the longest time, in microseconds.</summary>
    public (long Least, long Most) Range => (_least, _most);

    /// <summary>Adds times of another one.</summary>
    /// <param name="bucket">Where they are.</param>
    /// <param name="count">How many, 0 or more.</param>
    /// <param name="least">The shortest time of the other one, in microseconds.</param>
    /// <param name="most">The longest.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such bucket or count.</exception>
    public void Add(int bucket, long count, long least, long most)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)bucket, (uint)Buckets, nameof(bucket));
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _counts[bucket] += count;
        _least = Math.Min(_least, least);
        _most = Math.Max(_most, most);
        Count += count;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        _least = long.MaxValue;
        _most = 0;
        Count = 0;
    }

    /// <summary>The time at rank percent / 100 · (count − 1), rounded up, among all times in order; in milliseconds, 0 where there are none.</summary>
    /// <param name="percent">0 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is out of its bounds.</exception>
    public double At(double percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        if (Count == 0)
        {
            return 0;
        }

        var rank = (long)Math.Ceiling(percent / 100 * (Count - 1));
        var bucket = 0;
        for (var seen = _counts[0]; seen <= rank; seen += _counts[bucket])
        {
            bucket++;
        }

        return Math.Clamp(MiddleOf(bucket), _least, _most) / 1000.0;
    }

    private static int BucketOf(long value)
    {
        if (value < PerPower)
        {
            return (int)value;
        }

        var power = BitOperations.Log2((ulong)value) - Bits;
        return ((power + 1) << Bits) + (int)(value >> power) - PerPower;
    }

    private static double MiddleOf(int bucket)
    {
        if (bucket < PerPower)
        {
            return bucket;
        }

        var power = (bucket >> Bits) - 1;
        var lowest = (long)((bucket & (PerPower - 1)) + PerPower) << power;
        return lowest + (((1L << power) - 1) / 2.0);
    }
}
