using System.Globalization;
using System.Text;

namespace Rookery.Wire;

/// <summary>Shows a client what it sent, on one line and not for ever.</summary>
internal static class Echo
{
    /// <summary>The most bytes of a client's text that an error line repeats.</summary>
    public const int MaxBytes = 200;

    /// <summary>The text, cut at <paramref name="most"/> bytes (not within a character), control characters escaped.</summary>
    public static string Text(ReadOnlySpan<byte> utf8, int most = MaxBytes) => Append(new StringBuilder(), utf8, most, quotes: false).ToString();

    /// <summary>The parts of a line as a list: <c>["word", "word", "rest"]</c>; together cut at <see cref="MaxBytes"/>.</summary>
    public static string Parts(in LineParts parts)
    {
        var text = new StringBuilder("[");
        var left = MaxBytes;
        for (var i = 0; i < parts.Count && (i == 0 || left > 0); i++)
        {
            var part = parts[i];
            text.Append(i == 0 ? "\"" : ", \"");
            Append(text, part, left, quotes: true).Append('"');
            left -= part.Length;
        }

        return text.Append(']').ToString();
    }

    private static StringBuilder Append(StringBuilder text, ReadOnlySpan<byte> utf8, int most, bool quotes)
    {
        foreach (var c in Encoding.UTF8.GetString(Cut(utf8, most)))
        {
            _ = c switch
            {
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '"' when quotes => text.Append("\\\""),
                '\\' when quotes => text.Append("\\\\"),
                _ when char.IsControl(c) => text.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => text.Append(c),
            };
        }

        return text;
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> utf8, int most)
    {
        if (utf8.Length <= most)
        {
            return utf8;
        }

        var end = Math.Max(most, 0);
        while (end > 0 && (utf8[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return utf8[..end];
    }
}
