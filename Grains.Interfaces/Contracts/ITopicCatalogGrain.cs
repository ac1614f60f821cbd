namespace Rookery.Grains.Interfaces;

/// <summary>The names of all topics; there is one, with key 0. A topic is entered before its first record is stored.</summary>
[Alias("Rookery.ITopicCatalogGrain")]
public interface ITopicCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>Enters a topic; completes when that is durable.</summary>
    [Alias("Add")]
    Task<CatalogEntry> AddAsync(string topic, CancellationToken cancellationToken = default);

    /// <summary>Strikes a topic out that is empty and that nobody uses; its log stays. Where it cannot be stored the topic stays entered.</summary>
    [Alias("Remove")]
    Task RemoveAsync(string topic, CancellationToken cancellationToken = default);

    /// <summary>Why topics cannot be stored at present, as far as a look at the storage tells; null: they can.</summary>
    [Alias("WhyNotReady")]
    Task<string?> WhyNotReadyAsync(CancellationToken cancellationToken = default);

    /// <summary>What is entered.</summary>
    [Alias("Get")]
    Task<CatalogReply> GetAsync(CancellationToken cancellationToken = default);
}

/// <summary>What came of entering a topic.</summary>
public enum CatalogEntry : byte
{
    /// <summary>It is entered.</summary>
    Entered,

    /// <summary>There are as many topics as are allowed.</summary>
    Full,

    /// <summary>The catalogue cannot be stored or read at present.</summary>
    Unavailable,
}

/// <summary>The catalogue.</summary>
/// <param name="Available">False: it cannot be read at present.</param>
/// <param name="Topics">Names, in ordinal order.</param>
/// <param name="Durability">What a confirmed publish of this cluster is worth: <c>majority</c> or <c>memory</c>.</param>
[GenerateSerializer, Immutable, Alias("Rookery.CatalogReply")]
public sealed record CatalogReply(
    [property: Id(0)] bool Available, [property: Id(1)] string[] Topics, [property: Id(2)] string Durability);
