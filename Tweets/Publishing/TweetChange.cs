namespace Rookery.Tweets;

/// <summary>A tweet as it is stored by now, to be published. Strings are UTF-8, good as long as what they were read from.</summary>
public readonly ref struct TweetChange
{
    /// <summary>Whether it is new; else it came again, most often with grown counts.</summary>
    public bool IsCreated { get; init; }

    /// <summary>Tweet id.</summary>
    public long Id { get; init; }

    /// <summary>The text.</summary>
    public ReadOnlySpan<byte> Text { get; init; }

    /// <summary>The text with stars for censored words; empty where it is the same.</summary>
    public ReadOnlySpan<byte> Censored { get; init; }

    /// <summary>Its author; with an id of 0 where unknown.</summary>
    public UserChange User { get; init; }

    /// <summary>Mean score of the words; null where missing.</summary>
    public double? Sentiment { get; init; }

    /// <summary>Reactions per follower; null where missing.</summary>
    public double? Engagement { get; init; }

    /// <summary>Likes.</summary>
    public long Favorites { get; init; }

    /// <summary>Retweets.</summary>
    public long Retweets { get; init; }

    /// <summary>Hashtags without the <c>#</c>, with a space between.</summary>
    public ReadOnlySpan<byte> Hashtags { get; init; }

    /// <summary>Language code; empty where unknown.</summary>
    public ReadOnlySpan<byte> Language { get; init; }

    /// <summary>When it was written, in milliseconds since 1970 (UTC); null where unknown.</summary>
    public long? CreatedAt { get; init; }

    /// <summary>Id of the tweet it repeats; null where it does not.</summary>
    public long? RetweetedId { get; init; }

    /// <summary>Id of the tweet it quotes; null where it does not.</summary>
    public long? QuotedId { get; init; }

    /// <summary>Priority of its event.</summary>
    public int Priority => PriorityRule.Of(Sentiment, Engagement);
}
