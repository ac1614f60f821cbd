using System.Runtime.CompilerServices;
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
        while (_at < text.Length)
        {
            var first = text[_at];
            if (first < 0x80)
            {
                if (CharacterClasses.OfAscii(first) == CharacterClass.Word)
                {
                    if ((first | 0x20) == 'h' && IsLink(text[_at..]))
                    {
                        SkipLink();
                        continue;
                    }

                    ReadWord();
                    return true;
                }

                if (first == '@' && IsMention())
                {
                    SkipMention();
                }
                else
                {
                    _at += first == '&' ? EntityLength(text[_at..]) : 1;
                }

                continue;
            }

            Rune.DecodeFromUtf8(text[_at..], out var rune, out var bytes);
            switch (ClassOf(rune, bytes))
            {
                case CharacterClass.Word:
                    ReadWord();
                    return true;
                case CharacterClass.Picture:
                    ReadPictures();
                    return true;
                default:
                    _at += bytes;
                    break;
            }
        }

        return false;
    }

    private void ReadWord()
    {
        var text = _text;
        Start = _at;
        _length = 0;
        while (_at < text.Length)
        {
            var next = text[_at];
            if (next < 0x80)
            {
                if (CharacterClasses.OfAscii(next) == CharacterClass.Word)
                {
                    Put(next is >= (byte)'A' and <= (byte)'Z' ? (byte)(next | 0x20) : next);
                    _at++;
                }
                else if (next == '\'' && IsWordAt(_at + 1))
                {
                    Put(next);
                    _at++;
                }
                else
                {
                    return;
                }

                continue;
            }

            Rune.DecodeFromUtf8(text[_at..], out var rune, out var bytes);
            var kind = ClassOf(rune, bytes);
            if (kind is CharacterClass.Word or CharacterClass.Joiner)
            {
                Put(Rune.ToLowerInvariant(rune));
            }
            else if (rune.Value == 0x2019 && IsWordAt(_at + bytes))
            {
                Put((byte)'\'');
            }
            else
            {
                return;
            }

            _at += bytes;
        }
    }

    private void ReadPictures()
    {
        Start = _at;
        _length = 0;
        while (_at < _text.Length && _text[_at] >= 0x80)
        {
            Rune.DecodeFromUtf8(_text[_at..], out var rune, out var bytes);
            if (ClassOf(rune, bytes) is not (CharacterClass.Picture or CharacterClass.Joiner))
            {
                return;
            }

            Put(rune);
            _at += bytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put(byte value)
    {
        if (_length < MaxWordBytes)
        {
            _folded[_length] = value;
            _length++;
        }
        else
        {
            _length = MaxWordBytes + 1;
        }
    }

    private void Put(Rune rune)
    {
        if (_length + rune.Utf8SequenceLength > MaxWordBytes)
        {
            _length = MaxWordBytes + 1;
            return;
        }

        _length += rune.EncodeToUtf8(_folded[_length..]);
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

    private void SkipLink()
    {
        while (_at < _text.Length && _text[_at] is > (byte)' ' and < 0x7F and not ((byte)'"' or (byte)'<' or (byte)'>'))
        {
            _at++;
        }
    }

    private readonly bool IsMention() =>
        _at + 1 < _text.Length && IsName(_text[_at + 1]) && (_at == 0 || !IsName(_text[_at - 1]));

    private void SkipMention()
    {
        _at++;
        while (_at < _text.Length && IsName(_text[_at]))
        {
            _at++;
        }
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
