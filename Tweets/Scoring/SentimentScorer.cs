using System.Buffers;

namespace Rookery.Tweets;

/// <summary>
/// Sentiment of a text: sum of the scores of its words / number of its words; 0 for no words. This is the formula the
/// reference tweet server publishes. Phrases of the lexicon are matched from the left, the longest first, over words that follow each other
/// whatever punctuation is between them; each word of a phrase counts as a word. Unknown words, emoji among them, score 0.
/// </summary>
public sealed class SentimentScorer : IScorer
{
    private readonly Lexicon _lexicon;

    /// <summary>A scorer with the words of a lexicon.</summary>
    public SentimentScorer(Lexicon lexicon)
    {
        ArgumentNullException.ThrowIfNull(lexicon);
        _lexicon = lexicon;
    }

    /// <inheritdoc/>
    public Stages Stage => Stages.Sentiment;

    /// <inheritdoc/>
    public void Score(in BlockPart part)
    {
        var words = ArrayPool<int>.Shared.Rent(1024);
        foreach (ref var record in part.Records)
        {
            if (record.IsTweet)
            {
                var score = Score(part.Block.Utf8(record.Text), ref words);
                record.Sentiment = score.Mean;
                record.Words = score.Words;
            }
        }

        ArrayPool<int>.Shared.Return(words);
    }

    /// <summary>Scores one text.</summary>
    /// <param name="text">UTF-8.</param>
    public SentimentScore Score(ReadOnlySpan<byte> text)
    {
        var words = ArrayPool<int>.Shared.Rent(256);
        var score = Score(text, ref words);
        ArrayPool<int>.Shared.Return(words);
        return score;
    }

    private SentimentScore Score(ReadOnlySpan<byte> text, ref int[] words)
    {
        Span<byte> scratch = stackalloc byte[WordReader.MaxWordBytes];
        var reader = new WordReader(text, scratch);
        var count = 0;
        while (reader.Read())
        {
            if (count == words.Length)
            {
                Enlarge(ref words);
            }

            words[count++] = reader.IsTooLong ? -1 : _lexicon.WordOf(reader.Folded);
        }

        var sum = 0;
        for (var i = 0; i < count;)
        {
            if (words[i] < 0)
            {
                i++;
                continue;
            }

            i += _lexicon.Longest(words.AsSpan(i, count - i), out var score);
            sum += score;
        }

        return new SentimentScore(sum, count);
    }

    private static void Enlarge(ref int[] words)
    {
        var bigger = ArrayPool<int>.Shared.Rent(words.Length * 2);
        words.CopyTo(bigger, 0);
        ArrayPool<int>.Shared.Return(words);
        words = bigger;
    }
}

/// <summary>The sentiment of a text.</summary>
/// <param name="Sum">Sum of the scores of its words and phrases.</param>
/// <param name="Words">Number of its words; each word of a phrase counts.</param>
public readonly record struct SentimentScore(int Sum, int Words)
{
    /// <summary>Sum / words; 0 for no words.</summary>
    public double Mean => Words == 0 ? 0 : (double)Sum / Words;
}
