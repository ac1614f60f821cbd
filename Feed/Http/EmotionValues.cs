using System.Text;

namespace Rookery.Feed;

/// <summary>The answer of <c>/emotion_values</c>: the lexicon, <c>word\tscore</c> lines parted by <c>\r\n</c>, none after the last.</summary>
internal static class EmotionValues
{
    private static readonly Lazy<byte[]> Body = new(Load);

    public static ReadOnlyMemory<byte> Bytes => Body.Value;

    private static byte[] Load()
    {
        using var resource = typeof(EmotionValues).Assembly.GetManifestResourceStream("lexicon.tsv")!;
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return Encoding.UTF8.GetBytes(reader.ReadToEnd().TrimEnd().ReplaceLineEndings("\r\n"));
    }
}
