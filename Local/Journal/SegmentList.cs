using System.Globalization;
using System.Text;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// The file <c>segments</c> beside the segments, which names those that must be there; without it nobody could tell a
/// segment that was deleted because it was empty from one that got lost, or the end of one that got lost from reserved
/// space. Two lines of text, for people too: numbers, and for all but the newest segment where its last frame ends.
/// <code>
/// 3=67108001 5=67107350 6=67106822 7
/// crc32c 1f2e3d4c
/// </code>
/// A file that is not on the list is one whose creation or deletion was cut short; reading it does no harm.
/// </summary>
internal static class SegmentList
{
    public const string FileName = "segments";

    private const string Draft = FileName + ".new";

    public static bool IsOurs(string name) => name is FileName or Draft;

    /// <summary>Replaces the list, atomically, and durably if asked.</summary>
    public static void Write(IJournalFiles files, IEnumerable<Segment> segments, bool durable)
    {
        var ordered = segments.OrderBy(segment => segment.Number).ToList();
        var words = ordered.Select((segment, index) => index < ordered.Count - 1 ? $"{segment.Number}={segment.Used}" : $"{segment.Number}");
        var line = string.Join(' ', words) + "\n";
        var text = Encoding.ASCII.GetBytes($"{line}crc32c {Crc32C.Compute(Encoding.ASCII.GetBytes(line)):x8}\n");

        if (files.List().Contains(Draft))
        {
            files.Delete(Draft);
        }

        using (var file = files.Create(Draft, 0))
        {
            file.Write([text], 0);
            if (durable)
            {
                file.Sync();
            }
        }

        files.Replace(Draft, FileName);
        if (durable)
        {
            files.Sync();
        }
    }

    /// <summary>Reads the list: numbers, and lengths where they are stated, else 0.</summary>
    /// <returns>Null where it is not what was written.</returns>
    public static IReadOnlyDictionary<int, long>? Read(IJournalFiles files)
    {
        using var file = files.Open(FileName, write: false);
        var bytes = new byte[file.Length];
        var text = Encoding.ASCII.GetString(bytes, 0, file.Read(bytes, 0));

        var end = text.IndexOf('\n', StringComparison.Ordinal) + 1;
        if (text[end..] != $"crc32c {Crc32C.Compute(Encoding.ASCII.GetBytes(text[..end])):x8}\n")
        {
            return null;
        }

        return text[..end].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(word => word.Split('='))
            .ToDictionary(
                parts => int.Parse(parts[0], CultureInfo.InvariantCulture),
                parts => parts.Length > 1 ? long.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
    }
}
