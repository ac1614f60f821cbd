namespace Rookery.Tweets;

/// <summary>
/// The users of a cluster and the engagement of each, written by the partition that a user belongs to and by nobody else. What is
/// written is absolute, so that every operation may be repeated.
/// </summary>
public interface IUserCollection
{
    /// <summary>The totals that users are stored with.</summary>
    /// <returns>One entry per user that has any.</returns>
    /// <exception cref="StoreUnavailableException">Not now; ask again later.</exception>
    Task<IReadOnlyDictionary<long, UserEngagement>> FindTotalsAsync(IReadOnlyCollection<long> users, CancellationToken cancellationToken);

    /// <summary>
    /// Inserts or replaces what is known of users, and their totals; what was written with a higher version stays as it is: an attempt
    /// that was given up may arrive late. When this completes, all of it is durable; when it fails, any part of it may be.
    /// </summary>
    /// <param name="version">Grows from write to write of the partition that these users belong to.</param>
    /// <param name="authors">Distinct users.</param>
    /// <param name="totals">Totals of distinct users.</param>
    /// <param name="cancellationToken">Gives up waiting; the outcome is unknown.</param>
    /// <exception cref="StoreUnavailableException">Not now; the same can be written later.</exception>
    /// <exception cref="StoreRejectedException">Never: the store is there, but something cannot be written as it is.</exception>
    Task WriteAsync(
        long version,
        IReadOnlyList<TweetAuthor> authors,
        IReadOnlyList<KeyValuePair<long, UserEngagement>> totals,
        CancellationToken cancellationToken);
}
