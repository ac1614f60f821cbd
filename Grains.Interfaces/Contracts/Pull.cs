namespace Rookery.Grains.Interfaces;

/// <summary>A gateway asks a topic for deliveries.</summary>
/// <param name="Gateway">The gateway's process.</param>
/// <param name="Epoch">The link.</param>
/// <param name="Received">Number of the batch received last; 0: none in this epoch.</param>
[GenerateSerializer, Immutable, Alias("Rookery.PullRequest")]
public sealed record PullRequest([property: Id(0)] Guid Gateway, [property: Id(1)] Guid Epoch, [property: Id(2)] long Received);

/// <summary>Deliveries to sessions of one gateway.</summary>
/// <param name="Status">Whether the link is there.</param>
/// <param name="Epoch">The link.</param>
/// <param name="Number">Number of this batch, one more than the one before; 0: there was nothing.</param>
/// <param name="Deliveries">The deliveries, as <see cref="DeliveryCodec"/> writes them.</param>
[GenerateSerializer, Immutable, Alias("Rookery.PullReply")]
public sealed record PullReply(
    [property: Id(0)] LinkStatus Status, [property: Id(1)] Guid Epoch, [property: Id(2)] long Number, [property: Id(3)] byte[] Deliveries);
