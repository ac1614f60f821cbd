namespace Rookery.Tweets;

/// <summary>Decides how much the store takes at once, from how long it took before.</summary>
public sealed class AdaptiveBatch
{
    /// <summary>A controller that has seen nothing yet.</summary>
    public AdaptiveBatch(AdaptiveBatchOptions? options = null) => throw new NotImplementedException();

    /// <summary>How much to take next.</summary>
    public BatchLimits Next { get; }

    /// <summary>Learns from a write.</summary>
    /// <param name="count">Records written.</param>
    /// <param name="elapsed">How long it took.</param>
    public void Observe(int count, TimeSpan elapsed) => throw new NotImplementedException();

    /// <summary>Learns from a write that failed: the next batch is smaller.</summary>
    public void ObserveFailure() => throw new NotImplementedException();
}

/// <summary>How much a batch may hold: whichever limit is reached first closes it.</summary>
/// <param name="Count">Records.</param>
/// <param name="Bytes">Bytes of JSON.</param>
/// <param name="Age">How long the first record may wait.</param>
public readonly record struct BatchLimits(int Count, long Bytes, TimeSpan Age);
