using System.Net;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Rookery.Silo;

/// <summary>Places grains on the silo that the others ask who belongs to the cluster.</summary>
[GenerateSerializer, Immutable, Alias("Rookery.PrimaryPlacement")]
public sealed class PrimaryPlacement : PlacementStrategy;

/// <summary>Marks grains that are on that silo.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PrimaryPlacementAttribute : PlacementAttribute
{
    /// <summary>Creates it.</summary>
    public PrimaryPlacementAttribute()
        : base(new PrimaryPlacement())
    {
    }
}

/// <summary>Places them.</summary>
/// <param name="primary">Where that silo is.</param>
internal sealed class PrimaryPlacementDirector(IPEndPoint primary) : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) => Task.FromResult(
        Array.Find(context.GetCompatibleSilos(target), silo => silo.Endpoint.Equals(primary))
        ?? throw new OrleansException($"the silo at {primary}, which has everything in its memory, is gone"));
}
