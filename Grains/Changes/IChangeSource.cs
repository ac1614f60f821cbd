using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>Where the changes of stored tweets and users come from, in the order in which they were made.</summary>
public interface IChangeSource
{
    /// <summary>The position behind the change made last.</summary>
    /// <exception cref="ChangesUnsupportedException">The store cannot follow changes at all.</exception>
    /// <exception cref="StoreUnavailableException">Not now.</exception>
    Task<string> GetPositionAsync(CancellationToken cancellationToken);

    /// <summary>Begins to read behind a position. The changes behind it are always the same, in the same order.</summary>
    /// <exception cref="ChangesLostException">What came behind this position is not known any more.</exception>
    /// <exception cref="ChangesUnsupportedException">The store cannot follow changes at all.</exception>
    /// <exception cref="StoreUnavailableException">Not now.</exception>
    Task<IChangeReader> OpenAsync(string position, CancellationToken cancellationToken);

    /// <summary>What changed since a time, by the time of the last change and then by id: for who has no position.</summary>
    /// <param name="ofTweets">Tweets; else users.</param>
    /// <param name="from">The time, in milliseconds since 1970 (UTC), by the clocks of those who write.</param>
    /// <param name="after">Of those changed at exactly that time: the id behind which to begin.</param>
    /// <param name="most">How many at most; fewer: there are no more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreUnavailableException">Not now.</exception>
    Task<IReadOnlyList<Change>> ScanAsync(bool ofTweets, long from, long after, int most, CancellationToken cancellationToken);

    /// <summary>Tweets and users as they are stored by now, with the authors of the tweets; what is gone is left out.</summary>
    /// <exception cref="StoreUnavailableException">Not now.</exception>
    Task<StoredRows> FindAsync(IReadOnlyCollection<long> tweets, IReadOnlyCollection<long> users, CancellationToken cancellationToken);
}

/// <summary>Reads changes from a position on.</summary>
public interface IChangeReader : IAsyncDisposable
{
    /// <summary>Waits for changes, a second or so; there may be none.</summary>
    /// <exception cref="ChangesLostException">What comes next is not known any more.</exception>
    /// <exception cref="StoreUnavailableException">The reader broke; another can go on from the last position.</exception>
    Task<ChangeBatch> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>Changes in their order.</summary>
/// <param name="Changes">The changes.</param>
/// <param name="Position">The position behind them.</param>
public sealed record ChangeBatch(IReadOnlyList<Change> Changes, string Position);

/// <summary>A change of a stored tweet or user.</summary>
/// <param name="IsTweet">A tweet; else a user.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsCreated">It is new.</param>
/// <param name="At">When it was made, in milliseconds since 1970 (UTC).</param>
public readonly record struct Change(bool IsTweet, long Id, bool IsCreated, long At);

/// <summary>Tweets and users as they are stored.</summary>
/// <param name="Tweets">Tweets by id, without their JSON.</param>
/// <param name="Users">Users by id.</param>
public sealed record StoredRows(IReadOnlyDictionary<long, ScoredTweet> Tweets, IReadOnlyDictionary<long, StoredUser> Users);

/// <summary>A user as it is stored.</summary>
/// <param name="User">What is known of it.</param>
/// <param name="Engagement">Its totals.</param>
public sealed record StoredUser(TweetAuthor User, UserEngagement Engagement);
