namespace Rookery.Tweets;

/// <summary>Sentiment of a text: sum of the scores of its words / number of its words; 0 for no words.</summary>
public sealed class SentimentScorer : IScorer
{
    /// <summary>A scorer with the words of a lexicon.</summary>
    public SentimentScorer(Lexicon lexicon) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Stages Stage => Stages.Sentiment;

    /// <inheritdoc/>
    public void Score(in BlockPart part) => throw new NotImplementedException();

    /// <summary>Scores one text.</summary>
    /// <param name="text">UTF-8.</param>
    public SentimentScore Score(ReadOnlySpan<byte> text) => throw new NotImplementedException();
}

/// <summary>The sentiment of a text.</summary>
/// <param name="Sum">Sum of the scores of its words and phrases.</param>
/// <param name="Words">Number of its words; each word of a phrase counts.</param>
public readonly record struct SentimentScore(int Sum, int Words)
{
    /// <summary>Sum / words; 0 for no words.</summary>
    public double Mean => Words == 0 ? 0 : (double)Sum / Words;
}
