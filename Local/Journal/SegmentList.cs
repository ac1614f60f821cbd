using System.Globalization;
using System.Text;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// The file <c>segments</c> beside the segments, which names those that must be there; without it nobody could tell a
/// segment that was deleted because it was empty from one that got lost. Two lines of text, for people too:
/// <code>
/// 3 5 6 7
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
    public static void Write(IJournalFiles files, IEnumerable<int> numbers, bool durable)
    {
        var line = string.Join(' ', numbers.Order()) + "\n";
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

    /// <summary>Reads the list.</summary>
    /// <returns>Null where it is not what was written.</returns>
    public static IReadOnlySet<int>? Read(IJournalFiles files)
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
            .Select(word => int.Parse(word, CultureInfo.InvariantCulture))
            .ToHashSet();
    }
}
