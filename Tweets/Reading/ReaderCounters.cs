namespace Rookery.Tweets;

/// <summary>What one stream brought, since the beginning.</summary>
public readonly record struct ReaderCounters
{
    /// <summary>Events with data.</summary>
    public long Events { get; init; }

    /// <summary>Top-level tweets.</summary>
    public long Tweets { get; init; }

    /// <summary>Originals found inside retweets.</summary>
    public long Retweeted { get; init; }

    /// <summary>Tweets found inside those that quote them.</summary>
    public long Quoted { get; init; }

    /// <summary>Kill messages.</summary>
    public long Kills { get; init; }

    /// <summary>Events whose data was longer than allowed.</summary>
    public long TooLong { get; init; }

    /// <summary>Events cut off by the end of the stream.</summary>
    public long Unfinished { get; init; }

    /// <summary>Events that gave no tweet.</summary>
    public long Rejected { get; init; }

    /// <summary>Tweets inside others that could not be used: no id or no text. The outer tweet was accepted.</summary>
    public long InnerRejected { get; init; }

    /// <summary>Bytes of data of all events.</summary>
    public long Bytes { get; init; }

    /// <summary>Why the last rejected event was rejected.</summary>
    public RejectReason LastReason { get; init; }
}
