using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>Settings of the pipeline.</summary>
public sealed record TweetPipelineOptions
{
    /// <summary>The tweet server. Default: <c>http://127.0.0.1:4000/</c>.</summary>
    public Uri Source { get; init; } = new("http://127.0.0.1:4000/");

    /// <summary>Streams to read, <c>/tweets/1</c> to <c>/tweets/n</c>; 1 to 1,000. Default: 2.</summary>
    public int Streams { get; init; } = 2;

    /// <summary>Time between the starts of two streams. Default: none.</summary>
    public TimeSpan StreamDelay { get; init; }

    /// <summary>Timeouts of a stream.</summary>
    public TweetStreamOptions Stream { get; init; } = new();

    /// <summary>Limits of reading.</summary>
    public ReaderOptions Reader { get; init; } = new();

    /// <summary>Settings of each of the pools.</summary>
    public ElasticPoolOptions Pool { get; init; } = new();

    /// <summary>The join; its <see cref="JoinOptions.Stages"/> are the stages in use.</summary>
    public JoinOptions Join { get; init; } = new();

    /// <summary>The batches of the store. Default: as the database likes them, some thousands at a time.</summary>
    public AdaptiveBatchOptions Batch { get; init; } = new()
    {
        Initial = 2048,
        Min = 512,
        Max = 12_288,
        MaxBytes = 64 << 20,
        Target = TimeSpan.FromSeconds(1),
    };

    /// <summary>The ranking of hashtags.</summary>
    public HashtagRankingOptions Hashtags { get; init; } = new();

    /// <summary>
    /// Most bytes of blocks on their way, from socket to committed rows: when there are more, no stream is read, and the
    /// sockets fill. 16 MiB or more. Default: 96 MiB.
    /// </summary>
    public long MaxBytesInFlight { get; init; } = 96L << 20;

    /// <summary>How long the server may take to hand out its lexicon. Default: 3 s.</summary>
    public TimeSpan LexiconTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Waiting times between looks at a store that is down: first and longest. Default: 250 ms and 5 s.</summary>
    public (TimeSpan First, TimeSpan Longest) StoreRetry { get; init; } = (TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5));

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">A value is out of its bounds; the message names it and the bound.</exception>
    public void Validate()
    {
        if (!Source.IsAbsoluteUri || Source.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"Source must be an http or https address; it is {Source}.", nameof(Source));
        }

        Check(Streams is >= 1 and <= 1000, nameof(Streams), Streams, "1 to 1000");
        Check(StreamDelay >= TimeSpan.Zero, nameof(StreamDelay), StreamDelay, "0 or more");
        Check(MaxBytesInFlight >= 16 << 20, nameof(MaxBytesInFlight), MaxBytesInFlight, "16777216 (16 MiB) or more");
        Check(LexiconTimeout > TimeSpan.Zero, nameof(LexiconTimeout), LexiconTimeout, "above 0");
        Check(
            StoreRetry.First > TimeSpan.Zero && StoreRetry.Longest >= StoreRetry.First, nameof(StoreRetry), StoreRetry, "above 0, growing");
        Stream.Validate();
        Reader.Validate();
        Pool.Validate();
        Join.Validate();
        Batch.Validate();
    }

    private static void Check(bool holds, string option, object value, string bound)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(option, value, $"{option} must be {bound}.");
        }
    }
}
