namespace Rookery.Tweets;

/// <summary>
/// Replaces listed words by as many stars as they have code points, and leaves every other byte as it is. Words are those of
/// <see cref="SentimentScorer"/>: case and the punctuation around them do not matter, a part of a longer word is not touched,
/// nor are links and mentions.
/// </summary>
public sealed class CensorScorer : IScorer
{
    private readonly WordTable _listed = new();

    /// <summary>A censor with a list of words, one per line, UTF-8; empty lines and lines that begin with <c>#</c> are skipped.</summary>
    public CensorScorer(ReadOnlySpan<byte> words)
    {
        Span<byte> scratch = stackalloc byte[WordReader.MaxWordBytes];
        foreach (var range in words.Split((byte)'\n'))
        {
            var line = words[range].Trim(" \t\r"u8);
            if (!line.IsEmpty && line[0] != '#' && !TryAdd(line, scratch))
            {
                BadLines++;
            }
        }
    }

    /// <summary>A censor with the list of this project.</summary>
    public static CensorScorer Default { get; } = new(Resources.Read("censored.txt"));

    /// <summary>Number of listed words.</summary>
    public int Count => _listed.Count;

    /// <summary>Number of lines that were not one single word.</summary>
    public int BadLines { get; }

    /// <inheritdoc/>
    public Stages Stage => Stages.Censor;

    /// <inheritdoc/>
    public void Score(in BlockPart part)
    {
        foreach (ref var record in part.Records)
        {
            if (record.IsTweet)
            {
                record.Censored = Censor(part.Block.Utf8(record.Text));
            }
        }
    }

    /// <summary>Censors one text.</summary>
    /// <param name="text">UTF-8.</param>
    /// <returns>The text with stars; null where nothing had to be replaced.</returns>
    public byte[]? Censor(ReadOnlySpan<byte> text)
    {
        Span<byte> scratch = stackalloc byte[WordReader.MaxWordBytes];
        var reader = new WordReader(text, scratch);
        byte[]? output = null;
        var written = 0;
        var copied = 0;
        while (reader.Read())
        {
            if (reader.IsTooLong || _listed.Find(reader.Folded) < 0)
            {
                continue;
            }

            output ??= new byte[text.Length];
            var before = text[copied..reader.Start];
            before.CopyTo(output.AsSpan(written));
            written += before.Length;
            var stars = CodePoints(text[reader.Start..reader.End]);
            output.AsSpan(written, stars).Fill((byte)'*');
            written += stars;
            copied = reader.End;
        }

        if (output is null)
        {
            return null;
        }

        text[copied..].CopyTo(output.AsSpan(written));
        written += text.Length - copied;
        return written == output.Length ? output : output[..written];
    }

    private bool TryAdd(ReadOnlySpan<byte> line, Span<byte> scratch)
    {
        var reader = new WordReader(line, scratch);
        if (!reader.Read() || reader.IsTooLong || reader.Start != 0 || reader.End != line.Length)
        {
            return false;
        }

        _listed.Add(reader.Folded);
        return true;
    }

    private static int CodePoints(ReadOnlySpan<byte> word)
    {
        var count = 0;
        foreach (var value in word)
        {
            count += (value & 0xC0) == 0x80 ? 0 : 1;
        }

        return count;
    }
}
