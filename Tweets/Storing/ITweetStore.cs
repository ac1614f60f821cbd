namespace Rookery.Tweets;

/// <summary>
/// Where tweets end up. Writing the same batch again changes nothing, so a batch whose outcome is unknown is simply written again.
/// </summary>
/// <remarks>
/// What a store keeps:
/// <list type="bullet">
/// <item>One tweet per id. A repeat replaces counts, text, links and JSON; a score the repeat lacks leaves the stored one as it is.</item>
/// <item>One user per id, the latest as it was received.</item>
/// <item>
/// Per user the engagement over the distinct tweets of that user, each with its latest score: count, sum, and mean = sum / count.
/// For each tweet with an engagement score, in the same transaction as the tweet: where the id is new (or was stored without
/// that score) count += 1 and sum += score; else sum += score − the score stored before. So a popular tweet that
/// recurs with growing counts is one tweet of its author, and a batch written twice counts once.
/// </item>
/// </list>
/// </remarks>
public interface ITweetStore
{
    /// <summary>Writes a whole batch, all of it or nothing.</summary>
    /// <param name="batch">The rows; the caller keeps it unchanged and alive until the task is done.</param>
    /// <param name="cancellationToken">Gives up waiting; the batch may or may not have been written.</param>
    /// <exception cref="StoreUnavailableException">Not now: locked, full, read-only, gone. The same batch can be written later.</exception>
    /// <exception cref="StoreRejectedException">Never: the store is there, but this batch cannot be written as it is.</exception>
    ValueTask<StoreReceipt> WriteAsync(StoreBatch batch, CancellationToken cancellationToken);

    /// <summary>Whether the store could write at present: the health check while the pipeline is paused.</summary>
    ValueTask<bool> IsHealthyAsync(CancellationToken cancellationToken);
}

/// <summary>What a write came to.</summary>
/// <param name="Inserted">Tweets that were new.</param>
/// <param name="Updated">Tweets that were known.</param>
/// <param name="Users">Users written.</param>
/// <param name="TweetsTime">Time spent on tweets.</param>
/// <param name="UsersTime">Time spent on users and their engagement.</param>
public readonly record struct StoreReceipt(int Inserted, int Updated, int Users, TimeSpan TweetsTime, TimeSpan UsersTime);
