using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Rookery.Grains;

/// <summary>Places numbered grains in turn: number n on the silo n modulo silos, in the order of their addresses.</summary>
[GenerateSerializer, Immutable, Alias("Rookery.ByNumberPlacement")]
public sealed class ByNumberPlacement : PlacementStrategy;

/// <summary>Marks grains that are placed by their number.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ByNumberPlacementAttribute : PlacementAttribute
{
    /// <summary>Creates it.</summary>
    public ByNumberPlacementAttribute()
        : base(new ByNumberPlacement())
    {
    }
}

/// <summary>Places grains by their number.</summary>
/// <param name="silos">Who belongs to the cluster, as far as known here.</param>
internal sealed class ByNumberPlacementDirector(ISiloStatusOracle silos) : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var compatible = context.GetCompatibleSilos(target);
        return Task.FromResult(IPlacementDirector.GetPlacementHint(target.RequestContextData, compatible) ?? HomeOf(target.GrainIdentity, compatible));
    }

    /// <summary>Whether a grain of this silo would be placed here again.</summary>
    public bool IsHome(GrainId grain)
    {
        var active = silos.GetApproximateSiloStatuses(onlyActive: true).Keys.ToArray();
        return active.Length == 0 || HomeOf(grain, active).Equals(silos.SiloAddress);
    }

    private static SiloAddress HomeOf(GrainId grain, SiloAddress[] among)
    {
        Array.Sort(among);
        return among[grain.TryGetIntegerKey(out var number, out _) ? (int)((ulong)number % (ulong)among.Length) : 0];
    }
}
