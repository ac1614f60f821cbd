namespace Rookery.Grains.Interfaces;

/// <summary>By how much the totals of users change.</summary>
/// <param name="Partition">The partition of the tweets.</param>
/// <param name="Batch">The batch of that partition.</param>
/// <param name="Deltas">The changes, and what is known of the users.</param>
[GenerateSerializer, Immutable, Alias("Rookery.AddDeltas")]
public sealed record AddDeltas([property: Id(0)] int Partition, [property: Id(1)] long Batch, [property: Id(2)] byte[] Deltas);
