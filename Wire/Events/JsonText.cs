using System.Buffers.Text;
using System.Text;

namespace Rookery.Wire;

/// <summary>Small operations on JSON tokens that are known to be valid.</summary>
internal static class JsonText
{
    /// <summary>Copies a value without the white space between its tokens.</summary>
    public static void Compact(ReadOnlySpan<byte> json, ByteBuffer target)
    {
        var space = target.GetSpan(json.Length);
        int written = 0, at = 0;
        while (at < json.Length)
        {
            var c = json[at];
            if (c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                at++;
                continue;
            }

            var length = c == '"' ? StringLength(json[at..]) : 1;
            json.Slice(at, length).CopyTo(space[written..]);
            written += length;
            at += length;
        }

        target.Advance(written);
    }

    /// <summary>What a string token (quotes included) says, or a number token as it is; false where it is not valid Unicode text.</summary>
    /// <param name="token">The token.</param>
    /// <param name="scratch">Room for a string that has escapes; at least as long as the token.</param>
    /// <param name="text">The text in UTF-8.</param>
    public static bool TryDecode(ReadOnlySpan<byte> token, Span<byte> scratch, out ReadOnlySpan<byte> text)
    {
        text = token;
        if (token[0] != '"')
        {
            return true;
        }

        text = token[1..^1];
        return !text.Contains((byte)'\\') || TryUnescape(ref text, scratch, lenient: false);
    }

    /// <summary>What stands between the quotes of a string; half a surrogate pair is no character, and U+FFFD stands in its place.</summary>
    public static string Text(ReadOnlySpan<byte> text)
    {
        if (text.Contains((byte)'\\'))
        {
            TryUnescape(ref text, new byte[text.Length], lenient: true);
        }

        return Encoding.UTF8.GetString(text);
    }

    /// <summary>An integer written as one: no fraction, no exponent.</summary>
    public static bool TryInteger(ReadOnlySpan<byte> token, out long value) =>
        Utf8Parser.TryParse(token, out value, out var used) && used == token.Length && token[0] != '+';

    private static bool TryUnescape(ref ReadOnlySpan<byte> text, Span<byte> scratch, bool lenient)
    {
        int written = 0, at = 0;
        while (at < text.Length)
        {
            if (text[at] != '\\')
            {
                scratch[written++] = text[at++];
                continue;
            }

            if (text[at + 1] != 'u')
            {
                scratch[written++] = Unescape(text[at + 1]);
                at += 2;
                continue;
            }

            var unit = Unit(text[(at + 2)..]);
            at += 6;
            Rune rune;
            if (char.IsHighSurrogate(unit) && text.Length - at >= 6 && text[at] == '\\' && text[at + 1] == 'u'
                && Rune.TryCreate(unit, Unit(text[(at + 2)..]), out rune))
            {
                at += 6;
            }
            else if (!Rune.TryCreate(unit, out rune))
            {
                if (!lenient)
                {
                    return false;
                }

                rune = Rune.ReplacementChar;
            }

            written += rune.EncodeToUtf8(scratch[written..]);
        }

        text = scratch[..written];
        return true;
    }

    private static int StringLength(ReadOnlySpan<byte> json)
    {
        var at = 1;
        while (true)
        {
            at += json[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (json[at] == '"')
            {
                return at + 1;
            }

            at += 2;
        }
    }

    private static byte Unescape(byte c) => c switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        _ => c,
    };

    private static char Unit(ReadOnlySpan<byte> hex) => Utf8Parser.TryParse(hex[..4], out ushort value, out _, 'x') ? (char)value : '\0';
}
