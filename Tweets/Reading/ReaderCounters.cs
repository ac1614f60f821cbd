namespace Rookery.Tweets;

/// <summary>What one stream brought, since the beginning.</summary>
public record struct ReaderCounters
{
    /// <summary>Events with data.</summary>
    public long Events { get; internal set; }

    /// <summary>Top-level tweets.</summary>
    public long Tweets { get; internal set; }

    /// <summary>Originals found inside retweets.</summary>
    public long Retweeted { get; internal set; }

    /// <summary>Tweets found inside those that quote them.</summary>
    public long Quoted { get; internal set; }

    /// <summary>Kill messages.</summary>
    public long Kills { get; internal set; }

    /// <summary>Events whose data was longer than allowed.</summary>
    public long TooLong { get; internal set; }

    /// <summary>Events cut off by the end of the stream.</summary>
    public long Unfinished { get; internal set; }

    /// <summary>Events that gave no tweet.</summary>
    public long Rejected { get; internal set; }

    /// <summary>Tweets inside others that could not be used: no id or no text. The outer tweet was accepted.</summary>
    public long InnerRejected { get; internal set; }

    /// <summary>Bytes of data of all events.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Why the last rejected event was rejected.</summary>
    public RejectReason LastReason { get; internal set; }
}
