using System.Text;

namespace Rookery.Fuzz.Tests;

/// <summary>Makes lines out of lines: what is nearly right goes deeper than what is random.</summary>
internal sealed class LineMutator(Random random)
{
    private const int MostBytes = 4_000;

    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "pub", "sub", "unsub", "ack", "nack", "dead", "replay", "discard", "drop", "topics", "stats", "hello", "ping", "help", "t", "u", "..", "a:b-c_d.e",
            " ", "  ", "\t", "\r", "\0", "\v", "{", "}", "[", "]", "\"", "\\", ",", ":", "#", "-", "{}", "[]", "null", "true", "{\"id\":\"1\",\"msg\":1}",
            "\"id\":", "\"msg\":", "\"priority\":", "\"ttl_ms\":", "\"n\":", "\"as\":", "\"window\":", "\"from\":", "\"group\":", "\"lease_ms\":", "\"max_tries\":",
            "#1", "#1-5", "#2,#4-9", "0", "1", "-1", "127", "128", "-129", "65536", "65537", "2147483647", "2147483648", "9007199254740991",
            "9223372036854775807", "9223372036854775808", "1e400", "-0", "0.5", "01", "\\u0000", "\\ud800", "\\udc00", "\\ud83d\\udc26", "é", "🐦", "\u2028", "\u0085",
            "\uFEFF", "2026-01-31T12:00:00Z", "9999-12-31T23:59:59.9999999-14:00", "new", "start",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
    ];

    public byte[] Next()
    {
        var line = new List<byte>(Any());
        for (var changes = random.Next(5); changes > 0 && line.Count < MostBytes; changes--)
        {
            Change(line);
        }

        line.RemoveAll(b => b == '\n');
        return [.. line];
    }

    private byte[] Any() => random.Next(20) == 0 ? Noise() : Corpus.Lines[random.Next(Corpus.Lines.Count)];

    private byte[] Noise()
    {
        var bytes = new byte[random.Next(40)];
        random.NextBytes(bytes);
        return bytes;
    }

    private void Change(List<byte> line)
    {
        var at = random.Next(line.Count + 1);
        var length = Math.Min(line.Count - at, random.Next(1, 20));
        switch (random.Next(8))
        {
            case 0 or 1:
                line.InsertRange(at, Words[random.Next(Words.Length)]);
                break;
            case 2:
                line.RemoveRange(at, length);
                line.InsertRange(at, Words[random.Next(Words.Length)]);
                break;
            case 3:
                line.RemoveRange(at, length);
                break;
            case 4:
                line.InsertRange(random.Next(line.Count + 1), line.GetRange(at, length));
                break;
            case 5 when at < line.Count:
                line[at] ^= (byte)(1 << random.Next(8));
                break;
            case 6:
                // The head of this, the tail of another.
                var other = Any();
                line.RemoveRange(at, line.Count - at);
                line.AddRange(other.AsSpan(random.Next(other.Length + 1)).ToArray());
                break;
            default:
                var repeated = line.GetRange(at, length);
                for (var times = random.Next(1, 90); times > 0 && line.Count < MostBytes; times--)
                {
                    line.InsertRange(at, repeated);
                }

                break;
        }
    }
}
