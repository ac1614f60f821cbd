using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Rookery.Broker;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>
/// Writes changes as events. A tweet: <c>id</c> is the tweet's as a string, <c>msg</c> has <c>change</c> (<c>created</c>, or
/// <c>updated</c> where the tweet came again with other counts), <c>text</c>, <c>censored</c> where it differs, <c>user</c>, both
/// scores, counts, hashtags, language, time, and the ids of the tweets it repeats or quotes. A user: id and what is known of it.
/// </summary>
internal sealed class ChangeWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Utf8JsonWriter _json;
    private readonly int _maxBytes;

    /// <summary>A writer of messages up to so many bytes.</summary>
    public ChangeWriter(int maxBytes)
    {
        _maxBytes = maxBytes;
        _json = new Utf8JsonWriter(
            _buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    /// <summary>Adds a change to the batch of its topic.</summary>
    public void Add(ChangeReader change, TopicCommands commands)
    {
        Span<byte> id = stackalloc byte[24];
        id[0] = (byte)'"';
        Utf8Formatter.TryFormat(change.Id, id[1..], out var digits);
        id[digits + 1] = (byte)'"';
        var priority = 0;
        if (change.IsTweet)
        {
            priority = PriorityRule.Of(change.Sentiment ?? 0, change.Engagement ?? 0);
            WriteTweet(change, int.MaxValue);
            if (_buffer.WrittenCount > _maxBytes)
            {
                // JSON escapes take up to six bytes for one.
                WriteTweet(change, _maxBytes / 8);
            }
        }
        else
        {
            WriteUser(change);
        }

        commands.Publish(id[..(digits + 2)], _buffer.WrittenSpan, (sbyte)priority, number: change.Number);
    }

    public void Dispose() => _json.Dispose();

    private void WriteTweet(ChangeReader tweet, int mostText)
    {
        Begin(tweet);
        var text = Cut(tweet.Text, mostText);
        _json.WriteString("text"u8, text);
        if (text.Length < tweet.Text.Length)
        {
            _json.WriteBoolean("truncated"u8, true);
        }
        else if (!tweet.Censored.IsEmpty)
        {
            _json.WriteString("censored"u8, tweet.Censored);
        }

        if (tweet.UserId is { } user)
        {
            _json.WriteStartObject("user"u8);
            _json.WriteString("id"u8, user.ToString(CultureInfo.InvariantCulture));
            WriteUserFields(tweet);
            _json.WriteEndObject();
        }

        WriteScores(tweet);
        WriteHashtags(Cut(tweet.Hashtags, mostText));
        if (!tweet.Language.IsEmpty)
        {
            _json.WriteString("lang"u8, tweet.Language);
        }

        if (tweet.CreatedAt is { } time && time < 253402300800000)
        {
            _json.WriteString("created_at"u8, DateTimeOffset.FromUnixTimeMilliseconds(time).UtcDateTime);
        }

        WriteLink("retweeted_id"u8, tweet.RetweetedId);
        WriteLink("quoted_id"u8, tweet.QuotedId);
        End();
    }

    private void WriteScores(ChangeReader tweet)
    {
        if (tweet.Sentiment is { } sentiment)
        {
            _json.WriteNumber("sentiment"u8, sentiment);
        }

        if (tweet.Engagement is { } engagement)
        {
            _json.WriteNumber("engagement"u8, engagement);
        }

        _json.WriteNumber("favorites"u8, tweet.Favorites);
        _json.WriteNumber("retweets"u8, tweet.Retweets);
    }

    private void WriteHashtags(ReadOnlySpan<byte> hashtags)
    {
        _json.WriteStartArray("hashtags"u8);
        foreach (var range in hashtags.Split((byte)' '))
        {
            if (!hashtags[range].IsEmpty)
            {
                _json.WriteStringValue(hashtags[range]);
            }
        }

        _json.WriteEndArray();
    }

    private void WriteUser(ChangeReader user)
    {
        Begin(user);
        WriteUserFields(user);
        WriteLink("tweet_id"u8, user.LastTweet);
        End();
    }

    private void WriteUserFields(ChangeReader user)
    {
        _json.WriteString("screen_name"u8, Cut(user.ScreenName, _maxBytes / 32));
        _json.WriteString("name"u8, Cut(user.UserName, _maxBytes / 32));
        _json.WriteNumber("followers"u8, user.Followers);
        var engagement = user.UserEngagement;
        _json.WriteStartObject("engagement"u8);
        _json.WriteNumber("count"u8, engagement.Count);
        _json.WriteNumber("sum"u8, engagement.Sum);
        _json.WriteNumber("mean"u8, engagement.Mean);
        _json.WriteEndObject();
    }

    private void WriteLink(ReadOnlySpan<byte> name, long? id)
    {
        if (id is { } there)
        {
            _json.WriteString(name, there.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void Begin(ChangeReader change)
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        var created = change.Kind is ChangeKind.TweetCreated or ChangeKind.UserCreated;
        _json.WriteString("change"u8, created ? "created"u8 : "updated"u8);
        _json.WriteString("id"u8, change.Id.ToString(CultureInfo.InvariantCulture));
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
    }

    /// <summary>The first bytes of a text, whole characters only.</summary>
    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> utf8, int most)
    {
        if (utf8.Length <= most)
        {
            return utf8;
        }

        while (most > 0 && (utf8[most] & 0xC0) == 0x80)
        {
            most--;
        }

        return utf8[..most];
    }
}
