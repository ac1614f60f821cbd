namespace Rookery.Grains;

/// <summary>A frame of the log of which something is needed.</summary>
/// <param name="length">Its bytes.</param>
/// <param name="eTags">What the next write of each of its records has to name; there is at least one.</param>
internal sealed class LiveRecord(int length, params string?[] eTags)
{
    public int Length => length;

    /// <summary>Bytes not released yet.</summary>
    public long Held { get; set; } = length;

    /// <summary>Records that hold it: more than one for a frame that is too large for one.</summary>
    public int Records => eTags.Length;

    public string? ETag(int record) => eTags[record];
}
