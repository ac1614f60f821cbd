using System.Diagnostics.Metrics;

namespace Rookery.Grains;

/// <summary>Where the grains count.</summary>
internal static class ClusterMetrics
{
    public static Meter Meter { get; } = new("Rookery.Grains");
}
