using System.Text.Unicode;

namespace Rookery.Tweets;

/// <summary>
/// Turns the data of one event into records of a block: the tweet, then the original it retweets and the tweets that either of
/// them quotes; or one record for a kill message. What is missing, null or of the wrong type is empty or 0, but for id and text:
/// without them there is no tweet. Counts below 0 are 0.
/// </summary>
/// <remarks>
/// The id is <c>id</c> where it is a whole number up to 2^53, which every JSON library passes on unharmed; else <c>id_str</c>;
/// else <c>id</c> as it is. The text is <c>extended_tweet.full_text</c>, else <c>full_text</c>, else <c>text</c>.
/// A tweet bare of the envelope <c>{"message":{"tweet":…}}</c> is read too.
/// </remarks>
internal sealed class TweetReader
{
    private const long LargestSafe = 1L << 53;
    private const int LongestKill = 64;

    private readonly TweetScanner _scanner = new();

    /// <summary>Tweets inside others left out because they had no id or no text.</summary>
    public long InnerRejected { get; private set; }

    /// <summary>Adds the records of one event to a block, or none.</summary>
    /// <param name="block">The block that holds the data.</param>
    /// <param name="data">Where the data is.</param>
    public RejectReason Read(TweetBlock block, Utf8Range data)
    {
        var json = block.Utf8(data);
        if (json.Length <= LongestKill && IsKill(json))
        {
            block.AddRecord(RecordKind.Kill).Json = data;
            return RejectReason.None;
        }

        var reason = _scanner.Scan(json, out var outermost);
        if (reason != RejectReason.None)
        {
            return reason;
        }

        var mark = block.Mark();
        reason = Add(block, data.Start, outermost, -1);
        if (reason != RejectReason.None)
        {
            block.Rewind(mark.Count, mark.Hashtags, mark.Used);
        }

        return reason;
    }

    /// <summary>Whether it is <c>{"message": panic}</c>, with white space wherever JSON allows it.</summary>
    private static bool IsKill(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> rest = data;
        return Take(ref rest, "{"u8) && Take(ref rest, "\"message\""u8) && Take(ref rest, ":"u8) && Take(ref rest, "panic"u8)
            && Take(ref rest, "}"u8) && Take(ref rest, []) && rest.IsEmpty;
    }

    private static bool Take(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> token)
    {
        rest = rest[JsonText.SkipSpace(rest, 0)..];
        if (!rest.StartsWith(token))
        {
            return false;
        }

        rest = rest[token.Length..];
        return true;
    }

    private RejectReason Add(TweetBlock block, int offset, int number, int parent)
    {
        var draft = _scanner[number];
        var id = IdOf(block, offset, draft.Id, draft.IdText);
        if (id == 0)
        {
            return RejectReason.NoId;
        }

        var extended = !draft.ExtendedText.IsMissing;
        var text = extended ? draft.ExtendedText : draft.FullText.IsMissing ? draft.Text : draft.FullText;
        if (text.IsMissing)
        {
            return RejectReason.NoText;
        }

        if (parent >= 0 && IsKnown(block, parent, id))
        {
            return RejectReason.None;
        }

        var index = block.Count;
        ref var record = ref block.AddRecord(draft.Kind);
        record.Parent = parent;
        record.Id = id;
        record.UserId = IdOf(block, offset, draft.UserId, draft.UserIdText);
        record.Favorites = draft.Favorites;
        record.Retweets = draft.Retweets;
        record.Followers = draft.Followers;
        record.CreatedAt = TimeOf(block, offset, draft);
        record.Json = new Utf8Range(offset + draft.Start, draft.End - draft.Start);
        record.UserJson = draft.UserEnd == 0 ? default : new Utf8Range(offset + draft.UserStart, draft.UserEnd - draft.UserStart);
        var list = extended && draft.ExtendedHashtags > 0 ? draft.ExtendedHashtags : draft.Hashtags;
        if (!TryDecode(block, offset, text, out var range))
        {
            return RejectReason.BrokenJson;
        }

        record.Text = range;
        if (!TryDecode(block, offset, draft.Language, out range))
        {
            return RejectReason.BrokenJson;
        }

        record.Language = range;
        if (!TryDecode(block, offset, draft.ScreenName, out range))
        {
            return RejectReason.BrokenJson;
        }

        record.ScreenName = range;
        if (!TryDecode(block, offset, draft.UserName, out range) || !AddHashtags(block, offset, ref record, list))
        {
            return RejectReason.BrokenJson;
        }

        record.UserName = range;
        record.QuotedId = IdOf(block, offset, draft.QuotedId, draft.QuotedIdText);
        return AddInner(block, offset, draft, index);
    }

    private RejectReason AddInner(TweetBlock block, int offset, TweetDraft draft, int index)
    {
        if (draft.Retweeted >= 0)
        {
            var reason = Inner(block, offset, draft.Retweeted, index, out var id);
            if (reason == RejectReason.BrokenJson)
            {
                return reason;
            }

            block[index].RetweetedId = id;
        }

        if (draft.Quoted >= 0)
        {
            var reason = Inner(block, offset, draft.Quoted, index, out var id);
            if (reason == RejectReason.BrokenJson)
            {
                return reason;
            }

            block[index].QuotedId = id > 0 ? id : block[index].QuotedId;
        }

        return RejectReason.None;
    }

    private RejectReason Inner(TweetBlock block, int offset, int number, int parent, out long id)
    {
        var draft = _scanner[number];
        id = IdOf(block, offset, draft.Id, draft.IdText);
        var reason = Add(block, offset, number, parent);
        if (reason is RejectReason.NoId or RejectReason.NoText)
        {
            InnerRejected++;
        }

        return reason;
    }

    // A retweet of a quote carries the quoted tweet twice.
    private static bool IsKnown(TweetBlock block, int parent, long id)
    {
        while (block[parent].Parent >= 0)
        {
            parent = block[parent].Parent;
        }

        foreach (ref readonly var record in block.Records[parent..])
        {
            if (record.Id == id)
            {
                return true;
            }
        }

        return false;
    }

    private static long IdOf(TweetBlock block, int offset, long number, JsonString text)
    {
        if (number is > 0 and <= LargestSafe || text.IsMissing)
        {
            return Math.Max(0, number);
        }

        var id = JsonText.WholeNumber(block.Buffer.AsSpan(offset + text.Start, text.Length));
        return id > 0 ? id : Math.Max(0, number);
    }

    private static long TimeOf(TweetBlock block, int offset, TweetDraft draft)
    {
        var time = draft.TimestampText.IsMissing
            ? draft.TimestampMs
            : JsonText.WholeNumber(block.Buffer.AsSpan(offset + draft.TimestampText.Start, draft.TimestampText.Length));
        return time > 0 ? time : TwitterTime.Read(block.Buffer.AsSpan(offset + draft.CreatedAt.Start, draft.CreatedAt.Length));
    }

    private bool AddHashtags(TweetBlock block, int offset, ref TweetRecord record, int list)
    {
        if (list == 0)
        {
            return true;
        }

        foreach (ref readonly var hashtag in _scanner.Hashtags)
        {
            if (hashtag.List == list && hashtag.Text.Length > 0)
            {
                if (!TryDecode(block, offset, hashtag.Text, out var tag))
                {
                    return false;
                }

                block.AddHashtag(ref record, tag);
            }
        }

        return true;
    }

    private static bool TryDecode(TweetBlock block, int offset, JsonString text, out Utf8Range range)
    {
        range = new Utf8Range(offset + text.Start, text.Length);
        if (text.Length == 0)
        {
            range = default;
            return true;
        }

        var valid = Utf8.IsValid(block.Utf8(range));
        if (valid && !text.Escaped)
        {
            return true;
        }

        // An escape is never shorter than what it stands for.
        var output = block.Reserve(valid ? text.Length : JsonText.MaxDecoded(text.Length));
        if (!JsonText.TryDecode(block.Utf8(range), valid, output, out var written))
        {
            return false;
        }

        range = block.Keep(written);
        return true;
    }
}
