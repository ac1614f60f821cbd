namespace Rookery.Grains.Interfaces;

/// <summary>
/// Draws together what the silos have counted and measured, and publishes it: hashtags each second, statistics each five; one for the
/// cluster, its key is 0.
/// </summary>
[Alias("Rookery.ISummaryGrain")]
public interface ISummaryGrain : IGrainWithIntegerKey
{
    /// <summary>Adds what a silo has. The same report counts once.</summary>
    [Alias("Add")]
    Task AddAsync(SiloReport report, CancellationToken cancellationToken = default);
}

/// <summary>What a silo has counted and measured since its last report.</summary>
/// <param name="Silo">The silo's process.</param>
/// <param name="Number">Grows from report to report.</param>
/// <param name="Hashtags">Hashtags of the seconds that are over.</param>
/// <param name="Statistics">Times and counts; empty: none this time.</param>
[GenerateSerializer, Immutable, Alias("Rookery.SiloReport")]
public sealed record SiloReport(
    [property: Id(0)] Guid Silo, [property: Id(1)] long Number, [property: Id(2)] byte[] Hashtags, [property: Id(3)] byte[] Statistics);
