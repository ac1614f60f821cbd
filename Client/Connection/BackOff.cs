namespace Rookery.Client;

/// <summary>Pauses between attempts: doubling from a least to a most, a part of each drawn at random.</summary>
internal sealed class BackOff(TimeSpan least, TimeSpan most, double jitter)
{
    private int _failures;

    public TimeSpan Next()
    {
        // 2^30 times the least of 1 ms is beyond any most; more doublings would only overflow.
        var full = Math.Min(least.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 30)), most.TotalMilliseconds);
#pragma warning disable CA5394 // Spreading load is no secret.
        return TimeSpan.FromMilliseconds(full * (1 - (jitter * Random.Shared.NextDouble())));
#pragma warning restore CA5394
    }

    public void Reset() => _failures = 0;
}
