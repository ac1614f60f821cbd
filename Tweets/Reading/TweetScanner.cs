using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rookery.Tweets;

/// <summary>
/// Finds the members of tweets in JSON without reading the rest: it walks over brackets and colons outside of strings, 64 bytes
/// at a time, and leaps over objects and lists that hold nothing wanted. Exact in strings, escapes, nesting, white space and any
/// order of members; of a name that occurs twice the last one counts. What it checks: the text is one object, brackets are
/// closed, strings are closed, names in the objects it reads follow a comma or the bracket, values it reads are JSON. What it
/// passes over is only held to closed strings and a balanced number of brackets.
/// </summary>
internal sealed class TweetScanner
{
    /// <summary>Tweets read of one event; what is nested deeper is passed over.</summary>
    public const int MaxTweets = 8;

    // Root, message, then per tweet itself; the last one's extended tweet, entities, list, hashtag.
    private const int MaxFrames = 2 + MaxTweets + 4;

    private readonly TweetDraft[] _drafts = new TweetDraft[MaxTweets + 1];
    private readonly Frame[] _frames = new Frame[MaxFrames + 1];
    private readonly List<Hashtag> _hashtags = [];
    private int _draftCount;
    private int _depth;
    private int _lists;
    private int _enveloped;
    private bool _enveloping;
    private int _awaitedAt;
    private Frame _awaited;

    public TweetScanner()
    {
        for (var i = 0; i < _drafts.Length; i++)
        {
            _drafts[i] = new TweetDraft();
        }
    }

    /// <summary>When the server sent the event, in units of 100 µs; 0 where it does not say.</summary>
    public long SentAt { get; private set; }

    /// <summary>The hashtags of all tweets, in the order of the text.</summary>
    public ReadOnlySpan<Hashtag> Hashtags => CollectionsMarshal.AsSpan(_hashtags);

    /// <summary>A tweet that was found, by its number.</summary>
    public TweetDraft this[int draft] => _drafts[draft];

    /// <summary>Finds the outermost tweet.</summary>
    /// <param name="json">The data of an event.</param>
    /// <param name="outermost">Its number.</param>
    public RejectReason Scan(ReadOnlySpan<byte> json, out int outermost)
    {
        outermost = 0;
        var first = JsonText.SkipSpace(json, 0);
        if (first == json.Length || json[first] != '{')
        {
            return first < json.Length && json[first] is (byte)'[' or (byte)'"' or (byte)'-' or (>= (byte)'0' and <= (byte)'9')
                || JsonText.IsLiteral([.. json, (byte)' '], first, "null"u8)
                ? RejectReason.NotAnObject
                : RejectReason.BrokenJson;
        }

        _draftCount = _depth = _lists = 0;
        _enveloped = -1;
        _enveloping = false;
        _hashtags.Clear();
        SentAt = 0;
        _awaitedAt = first;
        _awaited = new Frame(TweetContext.Root, 0, false);
        if (!Walk(json))
        {
            return RejectReason.BrokenJson;
        }

        if (_enveloping)
        {
            outermost = _enveloped;
            return _enveloped < 0 ? RejectReason.NotAnObject : RejectReason.None;
        }

        var root = _drafts[0];
        var empty = root.Id == 0 && root.IdText.IsMissing && root.Text.IsMissing && root.FullText.IsMissing;
        return empty ? RejectReason.NoTweet : RejectReason.None;
    }

    private bool Walk(ReadOnlySpan<byte> json)
    {
        Span<byte> tail = stackalloc byte[JsonBits.Width];
        ref var start = ref MemoryMarshal.GetReference(json);
        var insideBefore = 0UL;
        var escapeCarry = false;
        var escapes = false;
        var lastQuote = -1;
        var skipped = 0;
        for (var at = 0; at < json.Length; at += JsonBits.Width)
        {
            JsonBits found;
            if (json.Length - at >= JsonBits.Width)
            {
                found = JsonBits.Of(ref Unsafe.Add(ref start, at));
            }
            else
            {
                tail.Fill((byte)' ');
                json[at..].CopyTo(tail);
                found = JsonBits.Of(ref MemoryMarshal.GetReference(tail));
            }

            var quotes = found.Quotes;
            if (found.Backslashes != 0 || escapeCarry)
            {
                quotes &= ~JsonBits.Escaped(found.Backslashes, ref escapeCarry);
                escapes = true;
            }

            var inside = JsonBits.PrefixXor(quotes) ^ insideBefore;
            insideBefore = (ulong)((long)inside >> 63);
            var open = found.Open & ~inside;
            var close = found.Close & ~inside;
            var closes = BitOperations.PopCount(close);
            if (skipped > closes)
            {
                skipped += BitOperations.PopCount(open) - closes;
                continue;
            }

            var openingQuotes = quotes & inside;
            var bits = open | close | (found.Colons & ~inside);
            while (bits != 0)
            {
                var bit = bits & (0 - bits);
                bits ^= bit;
                var position = at + BitOperations.TrailingZeroCount(bit);
                if (skipped > 0)
                {
                    skipped += (open & bit) != 0 ? 1 : (close & bit) != 0 ? -1 : 0;
                }
                else if ((open & bit) != 0)
                {
                    if (position == _awaitedAt)
                    {
                        Enter(position);
                    }
                    else if (_depth > 0 && _frames[_depth - 1].Context == TweetContext.HashtagList && json[position] == '{')
                    {
                        _frames[_depth] = new Frame(TweetContext.Hashtag, _frames[_depth - 1].Draft, false);
                        _depth++;
                        _hashtags.Add(new Hashtag(_lists, default));
                    }
                    else
                    {
                        skipped = 1;
                    }
                }
                else if ((close & bit) != 0)
                {
                    if (!Leave(json, position))
                    {
                        return false;
                    }

                    if (_depth == 0)
                    {
                        return JsonText.SkipSpace(json, position + 1) == json.Length;
                    }
                }
                else
                {
                    var quote = openingQuotes & (bit - 1);
                    if (!Member(json, quote != 0 ? at + JsonBits.Highest(quote) : lastQuote, position, escapes))
                    {
                        return false;
                    }
                }
            }

            lastQuote = openingQuotes != 0 ? at + JsonBits.Highest(openingQuotes) : lastQuote;
        }

        return false;
    }

    private void Enter(int position)
    {
        ref var frame = ref _awaited;
        if (frame.Context is TweetContext.Root or TweetContext.Tweet)
        {
            _drafts[frame.Draft].Begin(frame.Kind, position);
            _draftCount = frame.Draft + 1;
        }
        else if (frame.Context == TweetContext.User)
        {
            _drafts[frame.Draft].UserStart = position;
        }

        _frames[_depth++] = frame;
        _awaitedAt = -1;
    }

    private bool Leave(ReadOnlySpan<byte> json, int position)
    {
        var frame = _frames[--_depth];
        if (json[position] == ']' != frame.IsList)
        {
            return false;
        }

        if (frame.Context is TweetContext.Root or TweetContext.Tweet)
        {
            _drafts[frame.Draft].End = position + 1;
        }
        else if (frame.Context == TweetContext.User)
        {
            _drafts[frame.Draft].UserEnd = position + 1;
        }

        return true;
    }

    private bool Member(ReadOnlySpan<byte> json, int quote, int colon, bool escapes)
    {
        var frame = _frames[_depth - 1];
        var end = colon - 1;
        if (json[end] != '"')
        {
            end = SkipSpaceBack(json, end);
        }

        if (quote <= 0 || end <= quote || json[end] != '"' || frame.IsList)
        {
            return false;
        }

        if (json[quote - 1] is not ((byte)',' or (byte)'{') && json[SkipSpaceBack(json, quote - 1)] is not ((byte)',' or (byte)'{'))
        {
            return false;
        }

        var name = json[(quote + 1)..end];
        var field = TweetFields.Of(frame.Context, name);
        if (field == TweetField.None && escapes && name.Contains((byte)'\\') && name.Length <= 128)
        {
            Span<byte> plain = stackalloc byte[JsonText.MaxDecoded(128)];
            field = JsonText.TryDecode(name, plain, out var length) ? TweetFields.Of(frame.Context, plain[..length]) : TweetField.None;
        }

        return field == TweetField.None || Value(json, frame, field, JsonText.SkipSpace(json, colon + 1));
    }

    private static int SkipSpaceBack(ReadOnlySpan<byte> json, int at)
    {
        while (at > 0 && json[at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
        {
            at--;
        }

        return at;
    }

    private bool Value(ReadOnlySpan<byte> json, Frame frame, TweetField field, int at)
    {
        if (at == json.Length)
        {
            return false;
        }

        JsonString text = default;
        var number = 0L;
        var isObject = false;
        var isList = false;
        switch (json[at])
        {
            case (byte)'"':
                if (!JsonText.TryReadString(json, at, out text))
                {
                    return false;
                }

                break;
            case (byte)'{':
                isObject = true;
                break;
            case (byte)'[':
                isList = true;
                break;
            case (byte)'n' or (byte)'t' or (byte)'f':
                if (!JsonText.IsLiteral(json, at, "null"u8) && !JsonText.IsLiteral(json, at, "true"u8) && !JsonText.IsLiteral(json, at, "false"u8))
                {
                    return false;
                }

                break;
            default:
                if (!JsonText.TryReadNumber(json, at, out number))
                {
                    return false;
                }

                break;
        }

        var tweet = _drafts[frame.Draft];
        switch (field)
        {
            case TweetField.Message:
                (_enveloping, _enveloped, SentAt) = (isObject, -1, 0);
                Await(isObject, at, new Frame(TweetContext.Message, 0, false));
                break;
            case TweetField.MessageTweet:
                (_enveloping, _enveloped) = (true, -1);
                AwaitTweet(isObject, at, RecordKind.Tweet, ref _enveloped);
                break;
            case TweetField.SentAt:
                SentAt = Math.Max(0, number);
                break;
            case TweetField.Id:
                tweet.Id = number;
                break;
            case TweetField.IdText:
                tweet.IdText = text;
                break;
            case TweetField.Text:
                tweet.Text = text;
                break;
            case TweetField.FullText:
                tweet.FullText = text;
                break;
            case TweetField.ExtendedText:
                tweet.ExtendedText = text;
                break;
            case TweetField.Language:
                tweet.Language = text;
                break;
            case TweetField.CreatedAt:
                tweet.CreatedAt = text;
                break;
            case TweetField.Timestamp:
                (tweet.TimestampMs, tweet.TimestampText) = (number, text);
                break;
            case TweetField.Favorites:
                tweet.Favorites = Math.Max(0, number);
                break;
            case TweetField.Retweets:
                tweet.Retweets = Math.Max(0, number);
                break;
            case TweetField.Retweeted:
                AwaitTweet(isObject, at, RecordKind.Retweeted, ref tweet.Retweeted);
                break;
            case TweetField.Quoted:
                AwaitTweet(isObject, at, RecordKind.Quoted, ref tweet.Quoted);
                break;
            case TweetField.QuotedId:
                tweet.QuotedId = number;
                break;
            case TweetField.QuotedIdText:
                tweet.QuotedIdText = text;
                break;
            case TweetField.User:
                tweet.ForgetUser();
                Await(isObject, at, new Frame(TweetContext.User, frame.Draft, false));
                break;
            case TweetField.ExtendedTweet:
                tweet.ForgetExtended();
                Await(isObject, at, new Frame(TweetContext.ExtendedTweet, frame.Draft, false));
                break;
            case TweetField.Entities:
                tweet.Hashtags = 0;
                Await(isObject, at, new Frame(TweetContext.Entities, frame.Draft, false));
                break;
            case TweetField.ExtendedEntities:
                tweet.ExtendedHashtags = 0;
                Await(isObject, at, new Frame(TweetContext.ExtendedEntities, frame.Draft, false));
                break;
            case TweetField.Hashtags:
                ref var list = ref (frame.Context == TweetContext.Entities ? ref tweet.Hashtags : ref tweet.ExtendedHashtags);
                list = isList ? ++_lists : 0;
                Await(isList, at, new Frame(TweetContext.HashtagList, frame.Draft, true));
                break;
            case TweetField.HashtagText:
                _hashtags[^1] = _hashtags[^1] with { Text = text };
                break;
            case TweetField.UserId:
                tweet.UserId = number;
                break;
            case TweetField.UserIdText:
                tweet.UserIdText = text;
                break;
            case TweetField.ScreenName:
                tweet.ScreenName = text;
                break;
            case TweetField.UserName:
                tweet.UserName = text;
                break;
            case TweetField.Followers:
                tweet.Followers = Math.Max(0, number);
                break;
        }

        return true;
    }

    private void Await(bool matches, int at, Frame frame)
    {
        if (matches)
        {
            _awaitedAt = at;
            _awaited = frame;
        }
    }

    private void AwaitTweet(bool isObject, int at, RecordKind kind, ref int number)
    {
        number = -1;
        if (isObject && _draftCount <= MaxTweets)
        {
            number = _draftCount;
            Await(true, at, new Frame(TweetContext.Tweet, (byte)_draftCount, false) { Kind = kind });
        }
    }

    /// <summary>A hashtag, and the list it stands in.</summary>
    public readonly record struct Hashtag(int List, JsonString Text);

    private readonly record struct Frame(TweetContext Context, byte Draft, bool IsList)
    {
        public RecordKind Kind { get; init; }
    }
}
