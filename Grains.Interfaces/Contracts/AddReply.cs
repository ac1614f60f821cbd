namespace Rookery.Grains.Interfaces;

/// <summary>What came of it.</summary>
/// <param name="Status">Whether it is durable.</param>
/// <param name="Detail">Why not.</param>
[GenerateSerializer, Immutable, Alias("Rookery.AddReply")]
public sealed record AddReply([property: Id(0)] AddStatus Status, [property: Id(1)] string? Detail = null)
{
    /// <summary>It is durable.</summary>
    public static AddReply Done { get; } = new(AddStatus.Done);

    /// <summary>It is on its way.</summary>
    public static AddReply Pending { get; } = new(AddStatus.Pending);
}
