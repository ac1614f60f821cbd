using System.Text;

namespace Rookery.Fuzz.Tests;

/// <summary>Inputs that are kept: made by hand because they are interesting, or found because they failed.</summary>
internal static class Corpus
{
    /// <summary>Lines of commands, as bytes; a file holds many.</summary>
    public static IReadOnlyList<byte[]> Lines { get; } =
        [.. Files("lines").SelectMany(file => SplitLines(File.ReadAllBytes(file)))];

    /// <summary>Damages of a journal, one in each file.</summary>
    public static IEnumerable<(string Name, string Script)> Damages =>
        Files("journal").Select(file => (Path.GetFileName(file), File.ReadAllText(file, Encoding.ASCII)));

    private static string[] Files(string kind) =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "corpus", kind)).Order(StringComparer.Ordinal)];

    private static IEnumerable<byte[]> SplitLines(byte[] bytes)
    {
        var start = 0;
        for (var end = 0; end < bytes.Length; end++)
        {
            if (bytes[end] == '\n')
            {
                yield return bytes[start..end];
                start = end + 1;
            }
        }
    }
}
