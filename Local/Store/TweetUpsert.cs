using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>Writes tweets by id, and gathers what that does to the engagement of their authors.</summary>
internal sealed class TweetUpsert
{
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _update;
    private byte[] _hashtags = new byte[256];

    public TweetUpsert(SqliteDatabase database)
    {
        _find = database.Prepare("SELECT user_id, engagement FROM tweets WHERE id = ?");
        _insert = database.Prepare("""
            INSERT INTO tweets VALUES
                (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
            """);
        // A score that is missing this time leaves the one that is there.
        _update = database.Prepare("""
            UPDATE tweets SET
                user_id = ?2, created_at = ?3, lang = ?4, text = ?5, censored = ?6, hashtags = ?7,
                favorites = ?8, retweets = ?9, followers = ?10,
                sentiment = coalesce(?11, sentiment), engagement = coalesce(?12, engagement),
                retweeted_id = ?13, quoted_id = ?14, original = ?15, original_at = ?16, original_bytes = ?17
            WHERE id = ?1
            """);
    }

    /// <summary>What the tweets written since it was last cleared add to their authors.</summary>
    public Dictionary<long, EngagementGain> Gains { get; } = [];

    /// <summary>Writes one tweet.</summary>
    /// <returns>True where it is new.</returns>
    public bool Write(in TweetRow tweet, long original, int offset)
    {
        _find.Bind(1, tweet.Id);
        var known = _find.Step();
        if (known)
        {
            var before = _find.IsNull(1) ? (double?)null : _find.Double(1);
            var author = _find.Int64(0);
            _find.Reset();
            Gain(tweet, author, before);
        }
        else
        {
            Gain(tweet, tweet.UserId, null);
        }

        var statement = known ? _update : _insert;
        Bind(statement, tweet, original, offset);
        statement.Run();
        return !known;
    }

    private void Gain(in TweetRow tweet, long author, double? before)
    {
        var score = tweet.Engagement ?? before;
        if (author != tweet.UserId)
        {
            if (author != 0 && before is { } old)
            {
                Gains.Add(author, -1, -old);
            }

            before = null;
        }

        if (tweet.UserId != 0 && score is { } now)
        {
            Gains.Add(tweet.UserId, before is null ? 1 : 0, now - (before ?? 0));
        }
    }

    private void Bind(SqliteStatement to, in TweetRow tweet, long original, int offset)
    {
        to.Bind(1, tweet.Id);
        to.BindOrNull(2, tweet.UserId == 0 ? null : tweet.UserId);
        to.BindOrNull(3, tweet.CreatedAt == 0 ? null : tweet.CreatedAt);
        BindTextOrNull(to, 4, tweet.Language);
        var text = tweet.Text;
        to.BindText(5, text);
        var shown = tweet.ShownText;
        if (shown == text || shown.SequenceEqual(text))
        {
            to.BindNull(6);
        }
        else
        {
            to.BindText(6, shown);
        }

        BindTextOrNull(to, 7, Hashtags(tweet));
        to.Bind(8, tweet.Favorites);
        to.Bind(9, tweet.Retweets);
        to.Bind(10, tweet.Followers);
        to.BindOrNull(11, tweet.Sentiment);
        to.BindOrNull(12, tweet.Engagement);
        to.BindOrNull(13, tweet.RetweetedId);
        to.BindOrNull(14, tweet.QuotedId);
        to.Bind(15, original);
        to.Bind(16, offset);
        to.Bind(17, tweet.Json.Length);
    }

    private static void BindTextOrNull(SqliteStatement to, int index, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            to.BindNull(index);
        }
        else
        {
            to.BindText(index, text);
        }
    }

    /// <summary>The hashtags with a space between each two.</summary>
    private ReadOnlySpan<byte> Hashtags(in TweetRow tweet)
    {
        var length = 0;
        for (var i = 0; i < tweet.HashtagCount; i++)
        {
            var tag = tweet.Hashtag(i);
            if (_hashtags.Length < length + tag.Length + 1)
            {
                Array.Resize(ref _hashtags, 2 * (length + tag.Length + 1));
            }

            if (length > 0)
            {
                _hashtags[length++] = (byte)' ';
            }

            tag.CopyTo(_hashtags.AsSpan(length));
            length += tag.Length;
        }

        return _hashtags.AsSpan(0, length);
    }
}
