namespace Rookery.Grains.Interfaces;

/// <summary>How a partition took what it was handed.</summary>
public enum AddStatus : byte
{
    /// <summary>It is durable.</summary>
    Done,

    /// <summary>It is on its way; send the same again to hear of it.</summary>
    Pending,

    /// <summary>Not now: the store is down, an operator has paused it, or the partition moves. Send the same again later.</summary>
    Unavailable,

    /// <summary>Never: it cannot be read.</summary>
    Refused,
}
