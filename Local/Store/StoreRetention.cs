namespace Rookery.Local;

/// <summary>
/// Keeps the store within its bounds: chunk by chunk the tweets go that were not seen for longest, with the users that have
/// no other tweet, a few chunks in each transaction, so that no batch waits long. One thread at a time.
/// </summary>
internal sealed class StoreRetention
{
    /// <summary>So many chunks go beyond those that came, to get back within lowered bounds bit by bit.</summary>
    private const int Extra = 16;

    /// <summary>Pages given back to the file system per transaction, where more than a quarter of the file is free.</summary>
    private const int VacuumPages = 512;

    private readonly SqliteDatabase _database;
    private readonly SqliteStoreOptions _options;
    private readonly SqliteStatement _oldest;
    private readonly SqliteStatement _tweetsOf;
    private readonly SqliteStatement _removeTweets;
    private readonly SqliteStatement _removeOriginal;
    private readonly SqliteStatement _loseEngagement;
    private readonly SqliteStatement _forgetEngagement;
    private readonly SqliteStatement _removeUser;
    private readonly SqliteStatement _pages;
    private readonly SqliteStatement _freePages;
    private readonly Dictionary<long, EngagementGain> _losses = [];
    private readonly long _pageBytes;
    private long _tweets;
    private long _expired;
    private (long Tweets, long Expired) _before;

    public StoreRetention(SqliteDatabase database, SqliteStoreOptions options)
    {
        _database = database;
        _options = options;
        _oldest = database.Prepare("SELECT id, stored_at FROM originals ORDER BY id LIMIT 1");
        _tweetsOf = database.Prepare("SELECT user_id, engagement FROM tweets WHERE original = ?");
        _removeTweets = database.Prepare("DELETE FROM tweets WHERE original = ?");
        _removeOriginal = database.Prepare("DELETE FROM originals WHERE id = ?");
        _loseEngagement = database.Prepare("UPDATE users_engagements SET count = count - ?2, sum = sum - ?3 WHERE user_id = ?1");
        _forgetEngagement = database.Prepare("DELETE FROM users_engagements WHERE user_id = ? AND count <= 0");
        _removeUser = database.Prepare(
            "DELETE FROM users WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM tweets WHERE user_id = ?1)");
        _pages = database.Prepare("PRAGMA page_count");
        _freePages = database.Prepare("PRAGMA freelist_count");
        _pageBytes = database.Number("PRAGMA page_size");
        _tweets = database.Number("SELECT count(*) FROM tweets");
    }

    /// <summary>Tweets there are.</summary>
    public long Tweets => Volatile.Read(ref _tweets);

    /// <summary>Tweets that went.</summary>
    public long Expired => Volatile.Read(ref _expired);

    public void Begin() => _before = (_tweets, _expired);

    /// <summary>Forgets what a transaction that failed did.</summary>
    public void Undo() => (_tweets, _expired) = _before;

    /// <summary>Takes new tweets into account and removes what is too much.</summary>
    /// <param name="inserted">New tweets.</param>
    /// <param name="chunks">New chunks.</param>
    /// <param name="now">Milliseconds since 1970 (UTC).</param>
    public void Apply(int inserted, int chunks, long now)
    {
        _tweets += inserted;
        var removed = 0;
        for (; removed < chunks + Extra && _oldest.Step(); removed++)
        {
            var (id, storedAt) = (_oldest.Int64(0), _oldest.Int64(1));
            _oldest.Reset();
            if (!Exceeded(storedAt, now))
            {
                break;
            }

            Remove(id);
        }

        if (removed > 0 && Read(_freePages) > Read(_pages) / 4)
        {
            _database.Execute($"PRAGMA incremental_vacuum({VacuumPages})");
        }
    }

    private bool Exceeded(long storedAt, long now) =>
        _tweets > _options.MaxTweets
        || now - storedAt > _options.MaxAge.TotalMilliseconds
        || (Read(_pages) - Read(_freePages)) * _pageBytes > _options.MaxBytes;

    private void Remove(long original)
    {
        _losses.Clear();
        _tweetsOf.Bind(1, original);
        while (_tweetsOf.Step())
        {
            if (!_tweetsOf.IsNull(0))
            {
                var scored = !_tweetsOf.IsNull(1);
                _losses.Add(_tweetsOf.Int64(0), scored ? 1 : 0, scored ? _tweetsOf.Double(1) : 0);
            }
        }

        _removeTweets.Bind(1, original);
        _removeTweets.Run();
        _tweets -= _database.Changes;
        _expired += _database.Changes;
        _removeOriginal.Bind(1, original);
        _removeOriginal.Run();
        foreach (var (user, loss) in _losses)
        {
            RemoveFromUser(user, loss);
        }
    }

    /// <summary>A user's engagement is that of the tweets kept, so that it can be checked against them at any time.</summary>
    private void RemoveFromUser(long user, EngagementGain loss)
    {
        _removeUser.Bind(1, user);
        _removeUser.Run();
        if (_database.Changes > 0 || loss.Count == 0)
        {
            return;
        }

        _loseEngagement.Bind(1, user);
        _loseEngagement.Bind(2, loss.Count);
        _loseEngagement.Bind(3, loss.Sum);
        _loseEngagement.Run();
        _forgetEngagement.Bind(1, user);
        _forgetEngagement.Run();
    }

    private static long Read(SqliteStatement pragma)
    {
        pragma.Step();
        var value = pragma.Int64(0);
        pragma.Reset();
        return value;
    }
}
