namespace Rookery.Grains.Interfaces;

/// <summary>What a gateway's sessions want of a topic.</summary>
/// <param name="Gateway">The gateway's process.</param>
/// <param name="Epoch">The link; empty: make one.</param>
/// <param name="Number">Grows from call to call of one gateway and topic.</param>
/// <param name="Items">What it is, as <see cref="ExchangeItems"/> writes it.</param>
[GenerateSerializer, Immutable, Alias("Rookery.ExchangeRequest")]
public sealed record ExchangeRequest(
    [property: Id(0)] Guid Gateway, [property: Id(1)] Guid Epoch, [property: Id(2)] long Number, [property: Id(3)] byte[] Items);

/// <summary>What came of it.</summary>
/// <param name="Status">Whether it was executed.</param>
/// <param name="Epoch">The link.</param>
/// <param name="Results">Results of the batches in it, in order, as <see cref="ResultCodec"/> writes them.</param>
/// <param name="Detail">Why it was not executed.</param>
/// <param name="After">
/// Number of the last batch of deliveries that was filled before this was done: a client that is told of its acknowledgement
/// after that batch is never delivered what it acknowledged.
/// </param>
[GenerateSerializer, Immutable, Alias("Rookery.ExchangeReply")]
public sealed record ExchangeReply(
    [property: Id(0)] LinkStatus Status, [property: Id(1)] Guid Epoch, [property: Id(2)] byte[] Results, [property: Id(3)] string? Detail,
    [property: Id(4)] long After = 0);

/// <summary>How a topic took a call of a gateway.</summary>
public enum LinkStatus : byte
{
    /// <summary>It was executed; each command has its own outcome.</summary>
    Done,

    /// <summary>Not executed: this activation has no such link. Make one.</summary>
    NotLinked,

    /// <summary>Not executed: the gateway has sent a later one already.</summary>
    Stale,

    /// <summary>Not executed: the topic cannot be recovered at present, or goes away. Try again later.</summary>
    Unavailable,
}
