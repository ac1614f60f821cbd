using Rookery.Broker;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>How the tweet half of a silo is set up; alike on all silos of a cluster.</summary>
public sealed record PipelineOptions
{
    /// <summary>The tweet server; its streams are <c>/tweets/1</c> and following. Null, the default: no stream is read.</summary>
    public Uri? Source { get; init; }

    /// <summary>Streams to read, 1 to 1,000; default 2.</summary>
    public int Streams { get; init; } = 2;

    /// <summary>The join; its stages are the stages in use. Default: all of them, 10 s.</summary>
    public JoinOptions Join { get; init; } = new() { Timeout = TimeSpan.FromSeconds(10), MaxWaiting = 1_000_000 };

    /// <summary>What lets calls of the workers in, per silo and stage.</summary>
    public ConcurrencyLimitOptions Limit { get; init; } = new();

    /// <summary>Work that workers pretend, up to 2 s a tweet; default none.</summary>
    public SimulatedWorkOptions Work { get; init; } = new();

    /// <summary>Limits of reading.</summary>
    public ReaderOptions Reader { get; init; } = new();

    /// <summary>Records of a block: what one call of a worker scores. 1 to 10,000; default 128.</summary>
    public int BlockRecords { get; init; } = 128;

    /// <summary>How long a block waits for more records, 1 ms to 10 s; default 20 ms.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Records of one stream on their way: with more, it is not read. 100 to 1,000,000; default 20,000.</summary>
    public int MaxInFlight { get; init; } = 20_000;

    /// <summary>Bytes of blocks and of tweets on their way, of one stream: with more, it is not read. 1 MiB to 4 GiB; default 64 MiB.</summary>
    public long MaxBytesInFlight { get; init; } = 64L << 20;

    /// <summary>Records sent to a partition in one call, 1 to 10,000; default 512.</summary>
    public int LaneRecords { get; init; } = 512;

    /// <summary>How often the place in a stream is noted, 100 ms to 1 min; default 1 s.</summary>
    public TimeSpan PositionEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether the JSON of tweets is kept as it was received; default no.</summary>
    public bool KeepOriginals { get; init; }

    /// <summary>Partitions of the tweets, 1 to 1,024; default 32. Not to be changed once there is data.</summary>
    public int TweetPartitions { get; init; } = 32;

    /// <summary>Partitions of the users, 1 to 1,024; default 8. Not to be changed once there is data.</summary>
    public int UserPartitions { get; init; } = 8;

    /// <summary>The batches of a tweet partition.</summary>
    public AdaptiveBatchOptions Batch { get; init; } = new() { Initial = 256, Min = 16, Max = 4096, MaxBytes = 8 << 20, Target = TimeSpan.FromMilliseconds(250) };

    /// <summary>How long a user partition gathers changes before it writes, 1 ms to 10 s; default 100 ms.</summary>
    public TimeSpan UserInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Scores, or totals, that a partition remembers so that it need not ask the store, 0 to 10,000,000; default 20,000.</summary>
    public int Remembered { get; init; } = 20_000;

    /// <summary>Within which a partition answers, done or not, 100 ms to 10 s; below the deadline of calls. Default 2 s.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long one attempt at the store may take, 100 ms to 60 s; default 3 s. A partition that finds a batch unfinished waits as long
    /// before it asks what of it was written: an attempt of its predecessor may still be under way.
    /// </summary>
    public TimeSpan StoreTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Waiting times between attempts at the store: first and longest. Default: 100 ms and 3 s.</summary>
    public (TimeSpan First, TimeSpan Longest) Retry { get; init; } = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(3));

    /// <summary>How often the keeper of a silo looks after streams, pauses and figures, 50 ms to 10 s; default 1 s.</summary>
    public TimeSpan KeepEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The ranking of hashtags.</summary>
    public HashtagRankingOptions Hashtags { get; init; } = new();

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    public void Validate()
    {
        if (Source is { } source && (!source.IsAbsoluteUri || source.Scheme is not ("http" or "https")))
        {
            throw new ArgumentException($"{nameof(Source)} must be an http or https address; it is {source}.", nameof(Source));
        }

        Bounds.Require(nameof(Streams), Streams, 1, 1000);
        Join.Validate();
        Limit.Validate();
        Bounds.Require($"{nameof(Limit)}.{nameof(Limit.Max)}", Limit.Max, 1, WorkerGrain.Most);
        Work.Validate();
        if (Work.Distribution != WorkDistribution.None)
        {
            var longest = WorkerGrain.LongestPretence.TotalSeconds;
            Bounds.Require($"{nameof(Work)}.{nameof(Work.Max)} in seconds", Work.Max.TotalSeconds, 0, longest);
            Bounds.Require($"{nameof(Work)}.{nameof(Work.Mean)} in seconds", Work.Mean.TotalSeconds, 0, longest);
        }

        Reader.Validate();
        Batch.Validate();
        Hashtags.Validate();
        Bounds.Require(nameof(BlockRecords), BlockRecords, 1, 10_000);
        Bounds.Require($"{nameof(Linger)} in seconds", Linger.TotalSeconds, 0.001, 10);
        Bounds.Require(nameof(MaxInFlight), MaxInFlight, 100, 1_000_000);
        Bounds.Require(nameof(MaxBytesInFlight), MaxBytesInFlight, 1 << 20, 4L << 30);
        Bounds.Require(nameof(LaneRecords), LaneRecords, 1, 10_000);
        Bounds.Require($"{nameof(PositionEvery)} in seconds", PositionEvery.TotalSeconds, 0.1, 60);
        Bounds.Require(nameof(TweetPartitions), TweetPartitions, 1, 1024);
        Bounds.Require(nameof(UserPartitions), UserPartitions, 1, 1024);
        Bounds.Require($"{nameof(UserInterval)} in seconds", UserInterval.TotalSeconds, 0.001, 10);
        Bounds.Require(nameof(Remembered), Remembered, 0, 10_000_000);
        Bounds.Require($"{nameof(AnswerWithin)} in seconds", AnswerWithin.TotalSeconds, 0.1, 10);
        Bounds.Require($"{nameof(StoreTimeout)} in seconds", StoreTimeout.TotalSeconds, 0.1, 60);
        Bounds.Require($"{nameof(Retry)}.{nameof(Retry.First)} in seconds", Retry.First.TotalSeconds, 0.001, 60);
        Bounds.Require($"{nameof(Retry)}.{nameof(Retry.Longest)} in seconds", Retry.Longest.TotalSeconds, Retry.First.TotalSeconds, 600);
        Bounds.Require($"{nameof(KeepEvery)} in seconds", KeepEvery.TotalSeconds, 0.05, 10);
    }
}
