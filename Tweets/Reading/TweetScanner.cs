using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Rookery.Tweets;

/// <summary>
/// Finds the members of tweets in JSON without reading the rest: it walks over brackets and colons outside of strings, 64 bytes
/// at a time, and leaps over objects and lists that hold nothing wanted. Exact in strings, escapes, nesting, white space and any
/// order of members; of a name that occurs twice the last one counts. What it checks: the text is one object, brackets are
/// closed, strings are closed, names in the objects it reads follow a comma or the bracket, values it reads are JSON. What it
/// passes over is only held to closed strings and a balanced number of brackets.
/// </summary>
internal sealed partial class TweetScanner
{
    /// <summary>Tweets read of one event; what is nested deeper is passed over.</summary>
    public const int MaxTweets = 8;

    // Root, message, then per tweet itself; the last one's extended tweet, entities, list, hashtag.
    private const int MaxFrames = 2 + MaxTweets + 4;

    private const int NameWindow = 32;

    // Twenty characters, each an escape.
    private const int LongestName = 120;

    private readonly TweetDraft[] _drafts = new TweetDraft[MaxTweets + 1];
    private readonly Frame[] _frames = new Frame[MaxFrames + 1];
    private readonly byte[] _tail = new byte[JsonBits.Width];
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
        ref var start = ref MemoryMarshal.GetReference(json);
        var insideBefore = 0UL;
        var escapeCarry = false;
        var skipped = 0;
        for (var at = 0; at < json.Length; at += JsonBits.Width)
        {
            ref var chunk = ref Unsafe.Add(ref start, at);
            if (json.Length - at < JsonBits.Width)
            {
                _tail.AsSpan().Fill((byte)' ');
                json[at..].CopyTo(_tail);
                chunk = ref _tail[0];
            }

            JsonBits.Find(ref chunk, out var quotes, out var backslashes, out var colons, out var open, out var close);
            if (backslashes != 0 || escapeCarry)
            {
                quotes &= ~JsonBits.Escaped(backslashes, ref escapeCarry);
            }

            var inside = JsonBits.PrefixXor(quotes) ^ insideBefore;
            insideBefore = (ulong)((long)inside >> 63);
            open &= ~inside;
            close &= ~inside;
            var bits = open | close | (colons & ~inside);
            if (skipped > 0 && !Leap(open, close, ref skipped, ref bits))
            {
                continue;
            }

            while (bits != 0)
            {
                var position = at + BitOperations.TrailingZeroCount(bits);
                bits &= bits - 1;
                var character = json[position];
                if (character == ':')
                {
                    if (!Member(json, position))
                    {
                        return false;
                    }
                }
                else if (character is (byte)'{' or (byte)'[')
                {
                    if (position == _awaitedAt)
                    {
                        Enter(position);
                    }
                    else if (character == '{' && _frames[_depth - 1].Context == TweetContext.HashtagList)
                    {
                        EnterHashtag();
                    }
                    else
                    {
                        skipped = 1;
                        if (!Leap(open & bits, close & bits, ref skipped, ref bits))
                        {
                            break;
                        }
                    }
                }
                else
                {
                    if (!Leave(position, character == ']'))
                    {
                        return false;
                    }

                    if (_depth == 0)
                    {
                        return JsonText.SkipSpace(json, position + 1) == json.Length;
                    }
                }
            }
        }

        return false;
    }

    /// <summary>Leaps to the end of what is passed over.</summary>
    /// <param name="open">Brackets that open.</param>
    /// <param name="close">Brackets that close.</param>
    /// <param name="skipped">How many are open; then how many still are.</param>
    /// <param name="bits">Then without those up to the end.</param>
    /// <returns>Whether the end is among them.</returns>
    private static bool Leap(ulong open, ulong close, ref int skipped, ref ulong bits)
    {
        var closes = BitOperations.PopCount(close);
        if (closes < skipped)
        {
            skipped += BitOperations.PopCount(open) - closes;
            return false;
        }

        for (var brackets = open | close; brackets != 0; brackets &= brackets - 1)
        {
            var upTo = brackets ^ (brackets - 1);
            skipped += (open & upTo & ~(upTo >> 1)) != 0 ? 1 : -1;
            if (skipped == 0)
            {
                bits &= ~upTo;
                return true;
            }
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

    private void EnterHashtag()
    {
        _frames[_depth] = new Frame(TweetContext.Hashtag, _frames[_depth - 1].Draft, false);
        _depth++;
        _hashtags.Add(new Hashtag(_lists, default));
    }

    private bool Leave(int position, bool list)
    {
        var frame = _frames[--_depth];
        if (list != frame.IsList)
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

    // Names are short and mostly follow a comma at once, so the opening quote is found with one look at the 32 bytes before the
    // closing one; whatever is not so plain is looked at again, slowly.
    private bool Member(ReadOnlySpan<byte> json, int colon)
    {
        var end = colon - 1;
        if (end <= NameWindow || json[end] != '"')
        {
            return AnyMember(json, colon);
        }

        var window = Vector256.Create(json.Slice(end - NameWindow, NameWindow));
        var quotes = Vector256.Equals(window, Vector256.Create((byte)'"')).ExtractMostSignificantBits();
        var backslashes = Vector256.Equals(window, Vector256.Create((byte)'\\')).ExtractMostSignificantBits();
        var length = BitOperations.LeadingZeroCount(quotes);
        var start = end - length;
        if (backslashes > quotes || quotes == 0 || json[start - 2] is not ((byte)',' or (byte)'{'))
        {
            return AnyMember(json, colon);
        }

        ref readonly var frame = ref _frames[_depth - 1];
        var field = TweetFields.Of(frame.Context, json.Slice(start, length));
        return field == TweetField.None ? !frame.IsList : Value(json, frame, field, JsonText.SkipSpace(json, colon + 1));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool AnyMember(ReadOnlySpan<byte> json, int colon)
    {
        var frame = _frames[_depth - 1];
        var end = SkipSpaceBack(json, colon - 1);
        if (frame.IsList || json[end] != '"' || !TryFindQuote(json, end, out var quote))
        {
            return false;
        }

        if (json[SkipSpaceBack(json, quote - 1)] is not ((byte)',' or (byte)'{'))
        {
            return false;
        }

        var name = json[(quote + 1)..end];
        var field = TweetFields.Of(frame.Context, name);
        if (field == TweetField.None && name.Length <= LongestName && name.Contains((byte)'\\'))
        {
            Span<byte> plain = stackalloc byte[JsonText.MaxDecoded(LongestName)];
            field = JsonText.TryDecode(name, false, plain, out var length) ? TweetFields.Of(frame.Context, plain[..length]) : TweetField.None;
        }

        return field == TweetField.None || Value(json, frame, field, JsonText.SkipSpace(json, colon + 1));
    }

    /// <summary>Finds the quote that opens the string which ends here: the last one before it that no backslash escapes.</summary>
    private static bool TryFindQuote(ReadOnlySpan<byte> json, int end, out int quote)
    {
        for (quote = end - 1; quote > 0; quote--)
        {
            quote = json[..(quote + 1)].LastIndexOf((byte)'"');
            if (quote <= 0 || ((quote - 1 - json[..quote].LastIndexOfAnyExcept((byte)'\\')) & 1) == 0)
            {
                break;
            }
        }

        return quote > 0;
    }

    private static int SkipSpaceBack(ReadOnlySpan<byte> json, int at)
    {
        while (at > 0 && json[at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
        {
            at--;
        }

        return at;
    }

    /// <summary>A hashtag, and the list it stands in.</summary>
    public readonly record struct Hashtag(int List, JsonString Text);

    private readonly record struct Frame(TweetContext Context, byte Draft, bool IsList)
    {
        public RecordKind Kind { get; init; }
    }
}
