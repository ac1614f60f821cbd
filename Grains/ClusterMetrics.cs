using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Rookery.Grains;

/// <summary>Where the grains count and trace.</summary>
internal static class ClusterMetrics
{
    public static Meter Meter { get; } = new("Rookery.Grains");

    public static ActivitySource Source { get; } = new("Rookery.Grains");
}
