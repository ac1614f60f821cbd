namespace Rookery.Grains.Interfaces;

/// <summary>
/// Reads one stream of tweets, from exactly one place in the cluster; its key is the number of the stream. It reads as long as
/// it is kept: each silo's keeper asks for it every few moments, so after the death of a silo its streams are read on others.
/// </summary>
[Alias("Rookery.IStreamReaderGrain")]
public interface IStreamReaderGrain : IGrainWithIntegerKey
{
    /// <summary>Reads, if it does not yet, and says how it goes.</summary>
    [Alias("Keep")]
    Task<StreamReport> KeepAsync(Uri source, CancellationToken cancellationToken = default);
}

/// <summary>How a stream is doing.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Silo">Where it is read.</param>
/// <param name="Connected">Whether it is connected.</param>
/// <param name="Trouble">Why not, or what keeps it from storing; null: all is well.</param>
/// <param name="Tweets">Top-level tweets read by this activation.</param>
/// <param name="Records">Tweets read, those inside others among them.</param>
/// <param name="Kills">Kill messages read.</param>
/// <param name="Rejected">Events that gave no tweet.</param>
/// <param name="Stored">Records that are durable.</param>
/// <param name="InFlight">Records on their way.</param>
/// <param name="Position">The last event of which, and of all before it, everything is durable; null where the stream numbers none.</param>
[GenerateSerializer, Immutable, Alias("Rookery.StreamReport")]
public sealed record StreamReport(
    [property: Id(0)] long Number, [property: Id(1)] string Silo, [property: Id(2)] bool Connected, [property: Id(3)] string? Trouble,
    [property: Id(4)] long Tweets, [property: Id(5)] long Records, [property: Id(6)] long Kills, [property: Id(7)] long Rejected,
    [property: Id(8)] long Stored, [property: Id(9)] long InFlight, [property: Id(10)] string? Position);
