using System.Globalization;
using System.Text;

namespace Rookery.Client;

/// <summary>Reads what a JSON string says, also where it is no Unicode text.</summary>
internal static class JsonString
{
    /// <summary>
    /// The value of a string that is valid JSON, quotes included. A broker takes an escape of half a surrogate pair, as JSON does; it is
    /// no character, and U+FFFD stands in its place. The readers of the framework throw there.
    /// </summary>
    public static string Read(ReadOnlySpan<byte> token)
    {
        var raw = Encoding.UTF8.GetString(token[1..^1]);
        if (!raw.Contains('\\', StringComparison.Ordinal))
        {
            return raw;
        }

        var text = new StringBuilder(raw.Length);
        for (var at = 0; at < raw.Length; at++)
        {
            if (raw[at] != '\\')
            {
                text.Append(raw[at]);
            }
            else if (raw[++at] == 'u')
            {
                text.Append((char)ushort.Parse(raw.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                at += 4;
            }
            else
            {
                text.Append(Unescape(raw[at]));
            }
        }

        // Written as UTF-8 and read again, what is half a pair has become U+FFFD.
        var read = text.ToString();
        return read.AsSpan().ContainsAnyInRange('\ud800', '\udfff') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(read)) : read;
    }

    private static char Unescape(char c) => c switch
    {
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        _ => c,
    };
}
