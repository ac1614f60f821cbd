namespace Rookery.Grains;

/// <summary>A record of the log of which something is needed.</summary>
/// <param name="length">Bytes of its frame.</param>
/// <param name="eTag">What its next write has to name.</param>
internal sealed class LiveRecord(int length, string? eTag)
{
    public int Length => length;

    /// <summary>Bytes not released yet.</summary>
    public long Held { get; set; } = length;

    public string? ETag => eTag;
}
