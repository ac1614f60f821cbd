using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>What a pipeline has done since it was started, and how it is.</summary>
public sealed record PipelineStatus
{
    /// <summary>Top-level tweets read.</summary>
    public required long In { get; init; }

    /// <summary>Records read: top-level tweets, and the originals and quoted tweets found in them.</summary>
    public required long Records { get; init; }

    /// <summary>Kill messages read.</summary>
    public required long Kills { get; init; }

    /// <summary>Bytes of data read.</summary>
    public required long Bytes { get; init; }

    /// <summary>Events that gave no tweet, by reason; reasons that did not occur are left out.</summary>
    public required IReadOnlyDictionary<string, long> Rejected { get; init; }

    /// <summary>Records that came out of the join.</summary>
    public required long Scored { get; init; }

    /// <summary>Of these, records that lack a score because it did not come in time.</summary>
    public required long Incomplete { get; init; }

    /// <summary>Records read and not yet through: in the pools, waiting for the store, or being written.</summary>
    public required long Waiting { get; init; }

    /// <summary>Bytes of blocks on their way now; bounded by <see cref="TweetPipelineOptions.MaxBytesInFlight"/>.</summary>
    public required long BytesInFlight { get; init; }

    /// <summary>Records given up because the pipeline had to stop before they could be stored.</summary>
    public required long Lost { get; init; }

    /// <summary>The pools by stage.</summary>
    public required IReadOnlyDictionary<Stages, PoolStatus> Pools { get; init; }

    /// <summary>Workers that crashed.</summary>
    public required long Crashes { get; init; }

    /// <summary>The streams.</summary>
    public required IReadOnlyList<TweetStreamStatus> Streams { get; init; }

    /// <summary>Times a stream had to connect again.</summary>
    public required long Reconnects { get; init; }

    /// <summary>The writing of the store; null where there is none.</summary>
    public required StoreLoopStatus? Store { get; init; }

    /// <summary>The most frequent hashtags of the last minute, each with the error its count may have.</summary>
    public required IReadOnlyList<HashtagCount> TopHashtags { get; init; }

    /// <summary>Viewers watching now.</summary>
    public required int Viewers { get; init; }
}
