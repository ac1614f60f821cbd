namespace Rookery.Tweets;

/// <summary>
/// One tweet with its scores, on its own: what a cluster passes from where tweets are scored to where they are kept. Its
/// strings are slices of the message they came in, UTF-8, valid as long as this object.
/// </summary>
public sealed class ScoredTweet
{
    /// <summary>Tweet id, above 0.</summary>
    public required long Id { get; init; }

    /// <summary>The author; 0 where unknown.</summary>
    public required long UserId { get; init; }

    /// <summary>The text.</summary>
    public required ReadOnlyMemory<byte> Text { get; init; }

    /// <summary>The text with stars for censored words; empty where it is the same as <see cref="Text"/>.</summary>
    public ReadOnlyMemory<byte> Censored { get; init; }

    /// <summary>Language code; empty where unknown.</summary>
    public ReadOnlyMemory<byte> Language { get; init; }

    /// <summary>Hashtags without the <c>#</c>, as written.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Hashtags { get; init; } = [];

    /// <summary>When it was written, in milliseconds since 1970 (UTC); 0 where unknown.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Mean score of the words; null where the score did not come in time or the stage is off.</summary>
    public double? Sentiment { get; init; }

    /// <summary>Reactions per follower; null where the score did not come in time or the stage is off.</summary>
    public double? Engagement { get; init; }

    /// <summary>Likes.</summary>
    public long Favorites { get; init; }

    /// <summary>Retweets.</summary>
    public long Retweets { get; init; }

    /// <summary>Id of the tweet it repeats; null where it does not.</summary>
    public long? RetweetedId { get; init; }

    /// <summary>Id of the tweet it quotes; null where it does not.</summary>
    public long? QuotedId { get; init; }

    /// <summary>What is known of the author; null where <see cref="UserId"/> is 0.</summary>
    public TweetAuthor? Author { get; init; }

    /// <summary>The tweet object as received, JSON; empty where originals are not kept.</summary>
    public ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>This tweet, with the scores it lacks taken from an earlier one: a score that came too late is better old than lost.</summary>
    public ScoredTweet CompletedBy(ScoredTweet earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return (Sentiment is null && earlier.Sentiment is not null) || (Engagement is null && earlier.Engagement is not null)
            ? new ScoredTweet
            {
                Id = Id,
                UserId = UserId,
                Text = Text,
                Censored = Censored,
                Language = Language,
                Hashtags = Hashtags,
                CreatedAt = CreatedAt,
                Sentiment = Sentiment ?? earlier.Sentiment,
                Engagement = Engagement ?? earlier.Engagement,
                Favorites = Favorites,
                Retweets = Retweets,
                RetweetedId = RetweetedId,
                QuotedId = QuotedId,
                Author = Author,
                Json = Json,
            }
            : this;
    }
}
