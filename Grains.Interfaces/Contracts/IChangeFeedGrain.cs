namespace Rookery.Grains.Interfaces;

/// <summary>
/// Publishes what changes in the store to the topics <c>tweets</c> and <c>users</c>; there is one, with key 0. Every silo asks
/// for it again and again, so that it runs again soon where the silo it ran on has died.
/// </summary>
[Alias("Rookery.IChangeFeedGrain")]
public interface IChangeFeedGrain : IGrainWithIntegerKey
{
    /// <summary>Makes it run, where it does not.</summary>
    /// <returns>Its figures.</returns>
    [Alias("Keep")]
    Task<ChangeFeedReply> KeepAsync(CancellationToken cancellationToken = default);
}

/// <summary>Figures of the change feed since it was activated.</summary>
/// <param name="Published">Events stored by their topics.</param>
/// <param name="Repeated">Events that had been stored before: after a crash, or a reply that got lost.</param>
/// <param name="Merged">Changes that were published with a later one of the same tweet or user.</param>
/// <param name="Gone">Changes of what was removed before it could be published.</param>
/// <param name="Refused">Events that their topic will not take, now or later.</param>
/// <param name="Retries">Times that something had to be tried again.</param>
/// <param name="Comparisons">Times that the position was lost and what is stored was compared.</param>
/// <param name="Trouble">What stands in the way at present; null where nothing does.</param>
[GenerateSerializer, Immutable, Alias("Rookery.ChangeFeedReply")]
public sealed record ChangeFeedReply(
    [property: Id(0)] long Published, [property: Id(1)] long Repeated, [property: Id(2)] long Merged, [property: Id(3)] long Gone,
    [property: Id(4)] long Refused, [property: Id(5)] long Retries, [property: Id(6)] long Comparisons, [property: Id(7)] string? Trouble);
