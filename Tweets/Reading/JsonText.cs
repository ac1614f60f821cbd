using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Rookery.Tweets;

/// <summary>A string of a JSON text, between its quotes.</summary>
/// <param name="Start">Offset of the first byte after the opening quote; 0 where there is no such string.</param>
/// <param name="Length">Bytes up to the closing quote.</param>
/// <param name="Escaped">Whether there is a backslash in it.</param>
internal readonly record struct JsonString(int Start, int Length, bool Escaped)
{
    public bool IsMissing => Start == 0;
}

/// <summary>Reads single JSON values.</summary>
internal static class JsonText
{
    private static readonly SearchValues<byte> NumberCharacters = SearchValues.Create("+-.0123456789Ee"u8);

    /// <summary>Position of the first byte at or after this one that is no white space; the length where there is none.</summary>
    public static int SkipSpace(ReadOnlySpan<byte> json, int at)
    {
        while (at < json.Length && json[at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
        {
            at++;
        }

        return at;
    }

    /// <summary>Reads the string whose opening quote is here.</summary>
    /// <returns>False where it is not closed.</returns>
    public static bool TryReadString(ReadOnlySpan<byte> json, int quote, out JsonString value)
    {
        var start = quote + 1;
        var at = start;
        var escaped = false;
        while (true)
        {
            var length = at < json.Length ? json[at..].IndexOfAny((byte)'"', (byte)'\\') : -1;
            if (length < 0)
            {
                value = default;
                return false;
            }

            at += length;
            if (json[at] == '"')
            {
                value = new JsonString(start, at - start, escaped);
                return true;
            }

            escaped = true;
            at += 2;
        }
    }

    /// <summary>Reads the number that begins here.</summary>
    /// <param name="json">The text.</param>
    /// <param name="at">Where its first character is.</param>
    /// <param name="value">The number where it is whole and fits 64 bits, else 0.</param>
    /// <returns>False where it is no JSON number.</returns>
    public static bool TryReadNumber(ReadOnlySpan<byte> json, int at, out long value)
    {
        // Nearly every number is a few digits and a comma.
        value = 0;
        var end = at;
        for (; end < json.Length && end - at < 18 && (uint)(json[end] - '0') <= 9; end++)
        {
            value = (value * 10) + (json[end] - '0');
        }

        return (end > at && end < json.Length && json[end] is (byte)',' or (byte)'}' && (json[at] != '0' || end == at + 1))
            || TryReadAnyNumber(json[at..], out value);
    }

    private static bool TryReadAnyNumber(ReadOnlySpan<byte> rest, out long value)
    {
        var length = rest.IndexOfAnyExcept(NumberCharacters);
        var token = length < 0 ? rest : rest[..length];
        var digits = token.Length > 0 && token[0] == '-' ? token[1..] : token;
        value = 0;
        if (digits.IsEmpty
            || !char.IsAsciiDigit((char)digits[0])
            || (digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit((char)digits[1])))
        {
            return false;
        }

        if (Utf8Parser.TryParse(token, out value, out var used) && used == token.Length)
        {
            return true;
        }

        value = 0;
        return Utf8Parser.TryParse(token, out double _, out used) && used == token.Length;
    }

    /// <summary>Reads the whole number in a string of digits.</summary>
    public static long WholeNumber(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long value, out var used) && used == text.Length ? value : 0;

    /// <summary>Whether a literal stands here, and nothing that would make it another word.</summary>
    public static bool IsLiteral(ReadOnlySpan<byte> json, int at, ReadOnlySpan<byte> literal)
    {
        var rest = json[at..];
        return rest.StartsWith(literal)
            && rest.Length > literal.Length
            && rest[literal.Length] is (byte)',' or (byte)'}' or (byte)']' or (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r';
    }

    /// <summary>Writes a string without its escapes, as valid UTF-8: what is no character becomes U+FFFD.</summary>
    /// <param name="raw">What is between the quotes.</param>
    /// <param name="valid">Whether it is known to be valid UTF-8.</param>
    /// <param name="output">Room for as many bytes as <see cref="MaxDecoded"/> says.</param>
    /// <param name="written">Bytes written.</param>
    /// <returns>False where an escape is none that JSON has.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> raw, bool valid, Span<byte> output, out int written)
    {
        written = 0;
        while (true)
        {
            var plain = raw.IndexOf((byte)'\\');
            var run = plain < 0 ? raw : raw[..plain];
            written += CopyValid(run, valid, output[written..]);
            if (plain < 0)
            {
                return true;
            }

            if (!TryDecodeEscape(raw[plain..], output[written..], out var read, out var wrote))
            {
                return false;
            }

            raw = raw[(plain + read)..];
            written += wrote;
        }
    }

    /// <summary>Most bytes a string can have without its escapes: each byte that is no UTF-8 becomes three.</summary>
    public static int MaxDecoded(int rawLength) => rawLength * 3;

    private static int CopyValid(ReadOnlySpan<byte> run, bool valid, Span<byte> output)
    {
        if (valid || Utf8.IsValid(run))
        {
            run.CopyTo(output);
            return run.Length;
        }

        var written = 0;
        while (!run.IsEmpty)
        {
            Rune.DecodeFromUtf8(run, out var rune, out var read);
            written += rune.EncodeToUtf8(output[written..]);
            run = run[read..];
        }

        return written;
    }

    private static bool TryDecodeEscape(ReadOnlySpan<byte> raw, Span<byte> output, out int read, out int written)
    {
        read = 2;
        written = 1;
        if (raw.Length < 2)
        {
            return false;
        }

        switch (raw[1])
        {
            case (byte)'"' or (byte)'\\' or (byte)'/':
                output[0] = raw[1];
                return true;
            case (byte)'b':
                output[0] = (byte)'\b';
                return true;
            case (byte)'f':
                output[0] = (byte)'\f';
                return true;
            case (byte)'n':
                output[0] = (byte)'\n';
                return true;
            case (byte)'r':
                output[0] = (byte)'\r';
                return true;
            case (byte)'t':
                output[0] = (byte)'\t';
                return true;
            case (byte)'u' when TryReadUnit(raw, out var unit):
                read = 6;
                var rune = Rune.ReplacementChar;
                if (char.IsHighSurrogate(unit) && TryReadUnit(raw[6..], out var second) && char.IsLowSurrogate(second))
                {
                    rune = new Rune(unit, second);
                    read = 12;
                }
                else if (!char.IsSurrogate(unit))
                {
                    rune = new Rune(unit);
                }

                written = rune.EncodeToUtf8(output);
                return true;
            default:
                return false;
        }
    }

    private static bool TryReadUnit(ReadOnlySpan<byte> raw, out char unit)
    {
        unit = default;
        if (raw.Length < 6 || raw[0] != '\\' || raw[1] != 'u')
        {
            return false;
        }

        var value = 0;
        foreach (var digit in raw.Slice(2, 4))
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return false;
            }

            value = (value << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        unit = (char)value;
        return true;
    }
}
