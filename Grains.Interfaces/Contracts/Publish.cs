namespace Rookery.Grains.Interfaces;

/// <summary>What a part of the cluster publishes to a topic.</summary>
/// <param name="Producer">Name under which its events are numbered; null: they are not.</param>
/// <param name="Commands">The publishes, as <see cref="CommandCodec"/> writes them.</param>
[GenerateSerializer, Immutable, Alias("Rookery.PublishRequest")]
public sealed record PublishRequest([property: Id(0)] string? Producer, [property: Id(1)] byte[] Commands);

/// <summary>What came of it.</summary>
/// <param name="Status"><see cref="LinkStatus.Done"/>, or <see cref="LinkStatus.Unavailable"/>: nothing was executed.</param>
/// <param name="Results">A result per publish, as <see cref="ResultCodec"/> writes them.</param>
/// <param name="Detail">Why it was not executed.</param>
[GenerateSerializer, Immutable, Alias("Rookery.PublishReply")]
public sealed record PublishReply([property: Id(0)] LinkStatus Status, [property: Id(1)] byte[] Results, [property: Id(2)] string? Detail);
