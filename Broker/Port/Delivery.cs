namespace Rookery.Broker;

/// <summary>One event on its way to one subscriber.</summary>
public readonly struct Delivery
{
    /// <summary>What a delivery costs beside its bytes, so that many empty ones are not free.</summary>
    public const int Overhead = 64;

    /// <summary>Number of the event in its topic, from 1 without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was published, in milliseconds since 1970 (UTC).</summary>
    public required long PublishedAt { get; init; }

    /// <summary>How often it was delivered to this subscription, this time included.</summary>
    public required int Tries { get; init; }

    /// <summary>Its priority; larger goes first.</summary>
    public required sbyte Priority { get; init; }

    /// <summary>The publisher's id as a JSON token (with its quotes, where it is a string), UTF-8.</summary>
    public required ReadOnlyMemory<byte> Id { get; init; }

    /// <summary>The message as JSON without line breaks, UTF-8.</summary>
    public required ReadOnlyMemory<byte> Message { get; init; }

    /// <summary>What it takes off the credit, in bytes.</summary>
    public int Cost => Id.Length + Message.Length + Overhead;
}
