using MongoDB.Bson;
using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>
/// The updates that insert or change a document each of <c>tweets</c>, <c>users</c>, <c>users_engagements</c>. Ids and counts
/// are Int64, times are dates. One thread at a time.
/// </summary>
internal sealed class TweetDocuments(bool keepOriginals)
{
    /// <summary>Beyond this the JSON of a tweet is left out: a document may have 16 MiB.</summary>
    private const int LargestOriginal = 8 << 20;

    private readonly BsonBuffer _buffer = new();

    /// <summary>The update of a tweet.</summary>
    /// <param name="tweet">The tweet.</param>
    /// <param name="partition">Who writes it.</param>
    /// <param name="batch">With which batch.</param>
    /// <param name="now">Milliseconds since 1970 (UTC).</param>
    public RawBsonDocument Tweet(ScoredTweet tweet, int partition, long batch, long now)
    {
        var hasOriginal = keepOriginals && tweet.Json.Length is > 0 and <= LargestOriginal;
        _buffer.Clear();
        var update = _buffer.Begin();
        _buffer.Document("$set"u8, out var set);
        _buffer.String("text"u8, tweet.Text.Span);
        Optional("censored"u8, tweet.Censored);
        Optional("lang"u8, tweet.Language);
        Hashtags(tweet.Hashtags);
        _buffer.Int64("favorites"u8, tweet.Favorites);
        _buffer.Int64("retweets"u8, tweet.Retweets);
        Optional("user_id"u8, tweet.UserId == 0 ? null : tweet.UserId);
        Optional("retweeted_id"u8, tweet.RetweetedId);
        Optional("quoted_id"u8, tweet.QuotedId);
        Optional("sentiment"u8, tweet.Sentiment);
        Optional("engagement"u8, tweet.Engagement);
        if (tweet.CreatedAt != 0)
        {
            _buffer.Date("created_at"u8, tweet.CreatedAt);
        }

        if (tweet.Author is { } author)
        {
            Author(author);
        }

        _buffer.Date("changed"u8, now);
        _buffer.Int32("partition"u8, partition);
        _buffer.Int64("batch"u8, batch);
        if (hasOriginal)
        {
            OriginalWriter.Write(_buffer, "original"u8, tweet.Json.Span);
        }

        _buffer.End(set);
        Unset(tweet, hasOriginal);
        Stored(now);
        _buffer.End(update);
        return _buffer.ToDocument();
    }

    /// <summary>The update of a user; without an author only what every write of a user changes.</summary>
    public RawBsonDocument User(TweetAuthor? author, long version, long now)
    {
        _buffer.Clear();
        var update = _buffer.Begin();
        _buffer.Document("$set"u8, out var set);
        if (author is not null)
        {
            _buffer.String("screen_name"u8, author.ScreenName.Span);
            _buffer.String("name"u8, author.Name.Span);
            _buffer.Int64("followers"u8, author.Followers);
            _buffer.Int64("tweet_id"u8, author.TweetId);
        }

        _buffer.Date("changed"u8, now);
        _buffer.Int64("version"u8, version);
        _buffer.End(set);
        Stored(now);
        _buffer.End(update);
        return _buffer.ToDocument();
    }

    /// <summary>The update of a user's engagement.</summary>
    public RawBsonDocument Engagement(UserEngagement engagement, long version, long now)
    {
        _buffer.Clear();
        var update = _buffer.Begin();
        _buffer.Document("$set"u8, out var set);
        _buffer.Int64("count"u8, engagement.Count);
        _buffer.Double("sum"u8, engagement.Sum);
        _buffer.Double("mean"u8, engagement.Mean);
        _buffer.Date("changed"u8, now);
        _buffer.Int64("version"u8, version);
        _buffer.End(set);
        _buffer.End(update);
        return _buffer.ToDocument();
    }

    /// <summary>What a tweet no longer has goes; a score stays.</summary>
    private void Unset(ScoredTweet tweet, bool hasOriginal)
    {
        var before = _buffer.Length;
        _buffer.Document("$unset"u8, out var unset);
        var empty = _buffer.Length;
        Gone("censored"u8, tweet.Censored.IsEmpty);
        Gone("lang"u8, tweet.Language.IsEmpty);
        Gone("user_id"u8, tweet.UserId == 0);
        Gone("author"u8, tweet.Author is null);
        Gone("created_at"u8, tweet.CreatedAt == 0);
        Gone("retweeted_id"u8, tweet.RetweetedId is null);
        Gone("quoted_id"u8, tweet.QuotedId is null);
        Gone("original"u8, !hasOriginal);
        if (_buffer.Length == empty)
        {
            _buffer.Truncate(before);
        }
        else
        {
            _buffer.End(unset);
        }
    }

    /// <summary>The author as of then: it is there before the user is stored.</summary>
    private void Author(TweetAuthor author)
    {
        _buffer.Document("author"u8, out var start);
        _buffer.String("screen_name"u8, author.ScreenName.Span);
        _buffer.String("name"u8, author.Name.Span);
        _buffer.Int64("followers"u8, author.Followers);
        _buffer.End(start);
    }

    private void Stored(long now)
    {
        _buffer.Document("$setOnInsert"u8, out var inserted);
        _buffer.Date("stored"u8, now);
        _buffer.End(inserted);
    }

    private void Hashtags(IReadOnlyList<ReadOnlyMemory<byte>> hashtags)
    {
        _buffer.Array("hashtags"u8, out var start);
        for (var i = 0; i < hashtags.Count; i++)
        {
            _buffer.Name(BsonType.String, i);
            _buffer.Value(hashtags[i].Span);
        }

        _buffer.End(start);
    }

    private void Gone(ReadOnlySpan<byte> name, bool gone)
    {
        if (gone)
        {
            _buffer.Name(BsonType.Boolean, name);
            _buffer.Value(true);
        }
    }

    private void Optional(ReadOnlySpan<byte> name, ReadOnlyMemory<byte> text)
    {
        if (!text.IsEmpty)
        {
            _buffer.String(name, text.Span);
        }
    }

    private void Optional(ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } there)
        {
            _buffer.Int64(name, there);
        }
    }

    private void Optional(ReadOnlySpan<byte> name, double? value)
    {
        if (value is { } there)
        {
            _buffer.Double(name, there);
        }
    }
}
