using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>Reads the outbox in commit order, each change with its row as it is by now. One thread at a time.</summary>
internal sealed class ChangeReader : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _query;

    public ChangeReader(SqliteDatabase database)
    {
        _database = database;
        _query = database.Prepare("""
            SELECT c.number, c.kind, c.id,
                t.text, t.censored, t.hashtags, t.lang, t.created_at, t.favorites, t.retweets,
                t.sentiment, t.engagement, t.retweeted_id, t.quoted_id,
                u.id, u.screen_name, u.name, u.followers, u.tweet_id, e.count, e.sum
            FROM changes c
            LEFT JOIN tweets t ON c.kind < 2 AND t.id = c.id
            LEFT JOIN users u ON u.id = CASE WHEN c.kind < 2 THEN t.user_id ELSE c.id END
            LEFT JOIN users_engagements e ON e.user_id = u.id
            WHERE c.number > ? ORDER BY c.number LIMIT ?
            """);
    }

    /// <summary>Number of the change; the others are good until the next one.</summary>
    public long Number => _query.Int64(0);

    public ChangeKind Kind => (ChangeKind)_query.Int64(1);

    public bool IsTweet => Kind is ChangeKind.TweetCreated or ChangeKind.TweetUpdated;

    public long Id => _query.Int64(2);

    /// <summary>The row was removed since.</summary>
    public bool IsGone => _query.IsNull(IsTweet ? 3 : 14);

    private bool IsCreated => Kind is ChangeKind.TweetCreated or ChangeKind.UserCreated;

    /// <summary>The tweet, where it is one that changed.</summary>
    public TweetChange Tweet => new()
    {
        IsCreated = IsCreated,
        Id = Id,
        Text = _query.Bytes(3),
        Censored = _query.Bytes(4),
        Hashtags = _query.Bytes(5),
        Language = _query.Bytes(6),
        CreatedAt = Number64(7),
        Favorites = _query.Int64(8),
        Retweets = _query.Int64(9),
        Sentiment = Real(10),
        Engagement = Real(11),
        RetweetedId = Number64(12),
        QuotedId = Number64(13),
        User = _query.IsNull(14) ? default : User,
    };

    /// <summary>The user, where it is one that changed.</summary>
    public UserChange User => new()
    {
        IsCreated = IsCreated,
        Id = _query.Int64(14),
        ScreenName = _query.Bytes(15),
        Name = _query.Bytes(16),
        Followers = _query.Int64(17),
        TweetId = _query.Int64(18),
        Engagement = new UserEngagement(_query.Int64(19), _query.Double(20)),
    };

    /// <summary>Begins to read behind a number.</summary>
    public void Start(long after, int most)
    {
        _query.Reset();
        _query.Bind(1, after);
        _query.Bind(2, most);
    }

    /// <summary>Goes on to the next change.</summary>
    public bool Next() => _query.Step();

    public void Dispose() => _database.Dispose();

    private long? Number64(int column) => _query.IsNull(column) ? null : _query.Int64(column);

    private double? Real(int column) => _query.IsNull(column) ? null : _query.Double(column);
}
