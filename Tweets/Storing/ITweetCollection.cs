namespace Rookery.Tweets;

/// <summary>
/// The tweets of a cluster, each written by the partition it belongs to and by nobody else. Every operation may be repeated:
/// writing the same batch again changes nothing.
/// </summary>
public interface ITweetCollection
{
    /// <summary>The engagement that tweets are stored with.</summary>
    /// <returns>One entry per id that is stored; null where it is stored without that score.</returns>
    /// <exception cref="StoreUnavailableException">Not now; ask again later.</exception>
    Task<IReadOnlyDictionary<long, double?>> FindEngagementAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken);

    /// <summary>
    /// Inserts or updates tweets by id, and marks each as written by this batch. A score that a tweet lacks leaves the stored one as
    /// it is, and so does a tweet that a later batch has written: an attempt that was given up may arrive late. When this completes, all
    /// of it is durable; when it fails, any part of it may be.
    /// </summary>
    /// <param name="partition">The partition that writes.</param>
    /// <param name="batch">Number of the batch; grows from batch to batch of one partition.</param>
    /// <param name="tweets">Distinct tweets of the partition.</param>
    /// <param name="cancellationToken">Gives up waiting; the outcome is unknown.</param>
    /// <exception cref="StoreUnavailableException">Not now; the same batch can be written later.</exception>
    /// <exception cref="StoreRejectedException">Never: the store is there, but one of these tweets cannot be written as it is.</exception>
    Task<StoreReceipt> WriteAsync(int partition, long batch, IReadOnlyList<ScoredTweet> tweets, CancellationToken cancellationToken);

    /// <summary>Which tweets a batch of a partition wrote: asked after a crash in the middle of it.</summary>
    /// <exception cref="StoreUnavailableException">Not now; ask again later.</exception>
    Task<IReadOnlySet<long>> FindWrittenAsync(int partition, long batch, IReadOnlyCollection<long> ids, CancellationToken cancellationToken);

    /// <summary>Whether the store could write at present: the health check while partitions wait for it.</summary>
    Task<bool> IsHealthyAsync(CancellationToken cancellationToken);
}
