using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rookery.Tweets;

/// <summary>
/// Writes changes as messages of events. A tweet has <c>change</c> (<c>created</c>, or <c>updated</c> where the tweet came again
/// with other counts), <c>text</c>, <c>censored</c> where it differs, <c>user</c>, both scores, counts, hashtags, language, time,
/// and the ids of the tweets it repeats or quotes. A user has its id and what is known of it. One thread at a time.
/// </summary>
public sealed class ChangeWriter : IDisposable
{
    /// <summary>Most bytes of the id of an event.</summary>
    public const int MaxIdBytes = 22;

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

    /// <summary>The id of the event of a tweet or a user: theirs, as a JSON string.</summary>
    /// <param name="id">Id of the tweet or user.</param>
    /// <param name="buffer">At least <see cref="MaxIdBytes"/>.</param>
    /// <returns>The part of <paramref name="buffer"/> that has it.</returns>
    public static ReadOnlySpan<byte> WriteId(long id, Span<byte> buffer)
    {
        buffer[0] = (byte)'"';
        Utf8Formatter.TryFormat(id, buffer[1..], out var digits);
        buffer[digits + 1] = (byte)'"';
        return buffer[..(digits + 2)];
    }

    /// <summary>Writes a tweet; a text that is too long for a message is cut, and says so.</summary>
    /// <returns>The message, JSON, good until the next one.</returns>
    public ReadOnlySpan<byte> Write(in TweetChange tweet)
    {
        WriteTweet(tweet, int.MaxValue);
        if (_buffer.WrittenCount > _maxBytes)
        {
            // JSON escapes take up to six bytes for one.
            WriteTweet(tweet, _maxBytes / 8);
        }

        return _buffer.WrittenSpan;
    }

    /// <summary>Writes a user.</summary>
    /// <returns>The message, JSON, good until the next one.</returns>
    public ReadOnlySpan<byte> Write(in UserChange user)
    {
        Begin(user.IsCreated, user.Id);
        WriteUserFields(user);
        WriteLink("tweet_id"u8, user.TweetId);
        End();
        return _buffer.WrittenSpan;
    }

    /// <summary>Ends the writer.</summary>
    public void Dispose() => _json.Dispose();

    private void WriteTweet(in TweetChange tweet, int mostText)
    {
        Begin(tweet.IsCreated, tweet.Id);
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

        if (tweet.User.Id != 0)
        {
            _json.WriteStartObject("user"u8);
            _json.WriteString("id"u8, tweet.User.Id.ToString(CultureInfo.InvariantCulture));
            WriteUserFields(tweet.User);
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

    private void WriteScores(in TweetChange tweet)
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

    private void WriteUserFields(in UserChange user)
    {
        _json.WriteString("screen_name"u8, Cut(user.ScreenName, _maxBytes / 32));
        _json.WriteString("name"u8, Cut(user.Name, _maxBytes / 32));
        _json.WriteNumber("followers"u8, user.Followers);
        var engagement = user.Engagement;
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

    private void Begin(bool isCreated, long id)
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("change"u8, isCreated ? "created"u8 : "updated"u8);
        _json.WriteString("id"u8, id.ToString(CultureInfo.InvariantCulture));
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
