namespace Rookery.Tweets;

/// <summary>Numbers records as they come in, from 1, across all streams. For any number of threads.</summary>
public sealed class SequenceSource
{
    private long _last;

    /// <summary>The last number given, 0 before the first.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>Takes numbers in a row.</summary>
    /// <param name="count">How many, 0 or more.</param>
    /// <returns>The first of them.</returns>
    public long Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Interlocked.Add(ref _last, count) - count + 1;
    }
}
