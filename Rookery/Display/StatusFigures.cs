namespace Rookery.Command;

/// <summary>What the status shows, counted since the start unless said otherwise.</summary>
internal sealed record StatusFigures
{
    /// <summary>What happens to tweets; null for a broker alone.</summary>
    public TweetFigures? Tweets { get; init; }

    /// <summary>Events stored by the broker.</summary>
    public required long Published { get; init; }

    /// <summary>Deliveries made by the broker.</summary>
    public required long Delivered { get; init; }

    /// <summary>Connections to the broker now.</summary>
    public required int Connections { get; init; }

    /// <summary>Topics now.</summary>
    public required int Topics { get; init; }

    /// <summary>What does not work at present, for people; empty where all does.</summary>
    public IReadOnlyList<string> Troubles { get; init; } = [];
}

/// <summary>What happened to tweets.</summary>
internal sealed record TweetFigures
{
    /// <summary>Top-level tweets read.</summary>
    public required long In { get; init; }

    /// <summary>Records scored: tweets, and the retweeted and quoted ones in them.</summary>
    public required long Scored { get; init; }

    /// <summary>Records read: tweets, and the retweeted and quoted ones in them.</summary>
    public required long Records { get; init; }

    /// <summary>Rows committed to the store; null where nothing is stored.</summary>
    public required long? Stored { get; init; }

    /// <summary>Records that needed no row of their own: the same tweet came again in the same batch.</summary>
    public long Repeats { get; init; }

    /// <summary>Events that gave no tweet, and tweets the store will not take.</summary>
    public long Rejected { get; init; }

    /// <summary>Whether the store takes tweets now: null where it does, else <c>paused</c> or <c>down</c>.</summary>
    public string? StoreState { get; init; }

    /// <summary>Workers now, by pool.</summary>
    public required IReadOnlyList<(string Pool, int Workers)> Workers { get; init; }

    /// <summary>Workers that crashed.</summary>
    public required long Crashes { get; init; }

    /// <summary>Records that the store is asked to take at once, now.</summary>
    public required int? BatchSize { get; init; }

    /// <summary>Records in the last batch, and how long it took to write; null where nothing is stored.</summary>
    public (int Records, TimeSpan Time)? LastBatch { get; init; }

    /// <summary>Records read and not through yet, now.</summary>
    public required long Waiting { get; init; }

    /// <summary>The most frequent hashtags of the last minute.</summary>
    public IReadOnlyList<(string Tag, long Count, long Error)> Hashtags { get; init; } = [];
}
