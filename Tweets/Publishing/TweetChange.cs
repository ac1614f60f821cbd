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

    /// <summary>The change of a tweet that is kept on its own.</summary>
    /// <param name="tweet">The tweet.</param>
    /// <param name="user">What is known of its author.</param>
    /// <param name="isCreated">Whether it is new.</param>
    public static TweetChange Of(ScoredTweet tweet, UserChange user, bool isCreated)
    {
        ArgumentNullException.ThrowIfNull(tweet);
        return new TweetChange
        {
            IsCreated = isCreated,
            Id = tweet.Id,
            Text = tweet.Text.Span,
            Censored = tweet.Censored.Span,
            User = user,
            Sentiment = tweet.Sentiment,
            Engagement = tweet.Engagement,
            Favorites = tweet.Favorites,
            Retweets = tweet.Retweets,
            Hashtags = Joined(tweet.Hashtags),
            Language = tweet.Language.Span,
            CreatedAt = tweet.CreatedAt == 0 ? null : tweet.CreatedAt,
            RetweetedId = tweet.RetweetedId,
            QuotedId = tweet.QuotedId,
        };
    }

    private static ReadOnlySpan<byte> Joined(IReadOnlyList<ReadOnlyMemory<byte>> hashtags)
    {
        if (hashtags.Count < 2)
        {
            return hashtags.Count == 0 ? [] : hashtags[0].Span;
        }

        var joined = new byte[hashtags.Sum(tag => tag.Length + 1) - 1];
        var at = 0;
        foreach (var tag in hashtags)
        {
            if (at > 0)
            {
                joined[at++] = (byte)' ';
            }

            tag.Span.CopyTo(joined.AsSpan(at));
            at += tag.Length;
        }

        return joined;
    }
}
