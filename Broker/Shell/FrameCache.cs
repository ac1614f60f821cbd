namespace Rookery.Broker;

/// <summary>
/// Memory for frames that were written or read lately, shared by all topics of a host so that its bound holds for them
/// together. Safe for concurrent use.
/// </summary>
public sealed class FrameCache
{
    /// <summary>Creates a cache.</summary>
    /// <param name="maxBytes">Most bytes it keeps; 0 keeps nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBytes"/> is negative.</exception>
    public FrameCache(long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        MaxBytes = maxBytes;
    }

    /// <summary>Most bytes it keeps.</summary>
    public long MaxBytes { get; }

    /// <summary>Bytes it keeps now.</summary>
    public long Bytes { get; }
}
