using System.Text;

namespace Rookery.Tweets;

/// <summary>
/// Walks over the words of a text in UTF-8, folding case as it goes. What a word is:
/// <list type="bullet">
/// <item>A run of letters, marks and numbers of any script, so that punctuation around it does not matter and a hyphen makes two
/// words. An apostrophe, straight or curly, between two of them is part of the word (<c>can't</c>). A script without spaces gives one word per run.</item>
/// <item>A run of emoji and other pictures, with their joiners and selectors.</item>
/// <item>The word of a hashtag, without its <c>#</c>.</item>
/// <item>No words are: a link (from <c>http://</c> or <c>https://</c> to the next space, quote, angle bracket or byte above ASCII), a mention
/// (<c>@name</c>, unless a letter or number stands before the <c>@</c>), and the entities <c>&amp;amp;</c>, <c>&amp;lt;</c>, <c>&amp;gt;</c> that the API writes.</item>
/// </list>
/// </summary>
internal ref struct WordReader
{
    /// <summary>Longest word in bytes, folded, that can be known to a table; a longer one is a word, but no known one.</summary>
    public const int MaxWordBytes = 64;

    private const int CurlyApostrophe = 0x2019;

    private readonly ReadOnlySpan<byte> _text;
    private readonly Span<byte> _folded;
    private int _at;
    private int _length;

    /// <summary>A reader at the beginning of a text.</summary>
    /// <param name="text">UTF-8; bytes that are none count as separators.</param>
    /// <param name="scratch">Room for <see cref="MaxWordBytes"/> bytes.</param>
    public WordReader(ReadOnlySpan<byte> text, Span<byte> scratch)
    {
        _text = text;
        _folded = scratch[..MaxWordBytes];
    }

    /// <summary>Where the word begins.</summary>
    public int Start { get; private set; }

    /// <summary>Where it ends.</summary>
    public readonly int End => _at;

    /// <summary>Whether the word is too long to be known.</summary>
    public readonly bool IsTooLong => _length > MaxWordBytes;

    /// <summary>The word in lower case, with straight apostrophes.</summary>
    public readonly ReadOnlySpan<byte> Folded => _folded[.._length];

    /// <summary>Goes to the next word.</summary>
    public bool Read()
    {
        var text = _text;
        var lower = CharacterClasses.LowerAscii;
        var at = _at;
        while (at < text.Length)
        {
            var first = text[at];
            if (lower[first] != 0)
            {
                if ((first | 0x20) == 'h' && IsLink(text[at..]))
                {
                    at = AfterLink(at);
                    continue;
                }

                ReadWord(at);
                return true;
            }

            if (first < 0x80)
            {
                at = first switch
                {
                    (byte)'@' => AfterMention(at),
                    (byte)'&' => at + EntityLength(text[at..]),
                    _ => at + 1,
                };
                continue;
            }

            Rune.DecodeFromUtf8(text[at..], out var rune, out var bytes);
            switch (ClassOf(rune, bytes))
            {
                case CharacterClass.Word:
                    ReadWord(at);
                    return true;
                case CharacterClass.Picture:
                    ReadPictures(at);
                    return true;
                default:
                    at += bytes;
                    break;
            }
        }

        _at = at;
        return false;
    }

    private void ReadWord(int at)
    {
        var text = _text;
        var folded = _folded;
        var lower = CharacterClasses.LowerAscii;
        var length = 0;
        Start = at;
        while (at < text.Length)
        {
            var next = lower[text[at]];
            if (next == 0)
            {
                if (text[at] < 0x80)
                {
                    if (text[at] != '\'' || !IsWordAt(at + 1))
                    {
                        break;
                    }

                    next = (byte)'\'';
                }
                else if (TryPut(ref length, at, out var bytes))
                {
                    at += bytes;
                    continue;
                }
                else
                {
                    break;
                }
            }

            if (length < folded.Length)
            {
                folded[length] = next;
            }

            length++;
            at++;
        }

        _at = at;
        _length = length;
    }

    /// <summary>Adds the character above ASCII that stands here, if it is part of a word.</summary>
    private readonly bool TryPut(ref int length, int at, out int bytes)
    {
        Rune.DecodeFromUtf8(_text[at..], out var rune, out bytes);
        var kind = ClassOf(rune, bytes);
        if (kind is CharacterClass.Word or CharacterClass.Joiner)
        {
            rune = CharacterClasses.Fold(rune);
        }
        else if (rune.Value == CurlyApostrophe && IsWordAt(at + bytes))
        {
            rune = new Rune('\'');
        }
        else
        {
            return false;
        }

        Put(ref length, rune);
        return true;
    }

    private void ReadPictures(int at)
    {
        var length = 0;
        Start = at;
        while (at < _text.Length && _text[at] >= 0x80)
        {
            Rune.DecodeFromUtf8(_text[at..], out var rune, out var bytes);
            if (ClassOf(rune, bytes) is not (CharacterClass.Picture or CharacterClass.Joiner))
            {
                break;
            }

            Put(ref length, rune);
            at += bytes;
        }

        _at = at;
        _length = length;
    }

    // What does not fit counts, so that the word is known to be too long.
    private readonly void Put(ref int length, Rune rune)
    {
        if (length + rune.Utf8SequenceLength <= MaxWordBytes)
        {
            rune.EncodeToUtf8(_folded[length..]);
        }

        length += rune.Utf8SequenceLength;
    }

    // Bytes that are no UTF-8 decode to U+FFFD, a picture, in fewer bytes than it has.
    private static CharacterClass ClassOf(Rune rune, int bytes) =>
        rune == Rune.ReplacementChar && bytes < 3 ? CharacterClass.Separator : CharacterClasses.Of(rune);

    private readonly bool IsWordAt(int at)
    {
        if (at >= _text.Length)
        {
            return false;
        }

        Rune.DecodeFromUtf8(_text[at..], out var rune, out var bytes);
        return ClassOf(rune, bytes) == CharacterClass.Word;
    }

    private static bool IsLink(ReadOnlySpan<byte> text)
    {
        if (text.Length < 8 || (text[1] | 0x20) != 't' || (text[2] | 0x20) != 't' || (text[3] | 0x20) != 'p')
        {
            return false;
        }

        return text[4..].StartsWith("://"u8) || ((text[4] | 0x20) == 's' && text[5..].StartsWith("://"u8));
    }

    private readonly int AfterLink(int at)
    {
        while (at < _text.Length && _text[at] is > (byte)' ' and < 0x7F and not ((byte)'"' or (byte)'<' or (byte)'>'))
        {
            at++;
        }

        return at;
    }

    private readonly int AfterMention(int at)
    {
        if (at > 0 && IsName(_text[at - 1]))
        {
            return at + 1;
        }

        do
        {
            at++;
        }
        while (at < _text.Length && IsName(_text[at]));
        return at;
    }

    private static bool IsName(byte value) => char.IsAsciiLetterOrDigit((char)value) || value == '_';

    private static int EntityLength(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("&amp;"u8))
        {
            return 5;
        }

        return text.StartsWith("&lt;"u8) || text.StartsWith("&gt;"u8) ? 4 : 1;
    }
}
