using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>What the workers of one silo share.</summary>
public sealed class WorkerServices
{
    private volatile SentimentScorer _sentiment = new(Lexicon.Embedded);

    /// <summary>Creates it.</summary>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public WorkerServices(PipelineOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (Options, Time) = (options, time ?? TimeProvider.System);
    }

    internal PipelineOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>What scores sentiment; with the words of this project until others are used.</summary>
    internal SentimentScorer Sentiment => _sentiment;

    /// <summary>Scores sentiment with other words from now on.</summary>
    public void Use(Lexicon lexicon) => _sentiment = new SentimentScorer(lexicon);
}

/// <summary>The words that the tweet server serves.</summary>
public interface ILexiconSource
{
    /// <summary>Asks for them.</summary>
    /// <returns>Null where there are none at present.</returns>
    Task<Lexicon?> FetchAsync(CancellationToken cancellationToken);
}
