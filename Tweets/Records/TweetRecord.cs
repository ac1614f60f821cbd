namespace Rookery.Tweets;

/// <summary>
/// One tweet in flight. Its strings are ranges of the block it lives in (decoded, valid UTF-8, no JSON escapes);
/// each stage writes its own fields only, so that stages work on the same block side by side.
/// </summary>
public struct TweetRecord
{
    /// <summary>What it is.</summary>
    public RecordKind Kind { get; set; }

    /// <summary>Whose scores have been reported to the <see cref="Join"/>; the fields of any other stage are not to be read.</summary>
    public Stages Scored { get; set; }

    /// <summary>Position in the block of the record this one was inside of; −1 for a record of its own.</summary>
    public int Parent { get; set; }

    /// <summary>Tweet id, above 0.</summary>
    public long Id { get; set; }

    /// <summary>Id of the author; 0 where unknown.</summary>
    public long UserId { get; set; }

    /// <summary>Id of the tweet that this one repeats; 0 where it does not.</summary>
    public long RetweetedId { get; set; }

    /// <summary>Id of the tweet that this one quotes; 0 where it does not.</summary>
    public long QuotedId { get; set; }

    /// <summary>When it was written, in milliseconds since 1970 (UTC); 0 where unknown.</summary>
    public long CreatedAt { get; set; }

    /// <summary>Likes, 0 or more.</summary>
    public long Favorites { get; set; }

    /// <summary>Retweets, 0 or more.</summary>
    public long Retweets { get; set; }

    /// <summary>Followers of the author, 0 or more.</summary>
    public long Followers { get; set; }

    /// <summary>The tweet object as it was received: JSON, from its <c>{</c> to its <c>}</c>.</summary>
    public Utf8Range Json { get; set; }

    /// <summary>The author's object as it was received; empty where there was none.</summary>
    public Utf8Range UserJson { get; set; }

    /// <summary>The text, may be empty.</summary>
    public Utf8Range Text { get; set; }

    /// <summary>Language code such as <c>en</c>; empty where unknown.</summary>
    public Utf8Range Language { get; set; }

    /// <summary>The author's name to call, without the <c>@</c>; empty where unknown.</summary>
    public Utf8Range ScreenName { get; set; }

    /// <summary>The author's name to show; empty where unknown.</summary>
    public Utf8Range UserName { get; set; }

    /// <summary>Position of the first hashtag among <see cref="TweetBlock.HashtagsOf"/>'s ranges.</summary>
    internal int FirstHashtag { get; set; }

    /// <summary>Number of hashtags.</summary>
    public int HashtagCount { get; internal set; }

    /// <summary>Mean score of the words, −5 to 5; 0 for no words. Written by <see cref="SentimentScorer"/>.</summary>
    public double Sentiment { get; set; }

    /// <summary>Number of words the mean was taken over. Written by <see cref="SentimentScorer"/>.</summary>
    public int Words { get; set; }

    /// <summary>Reactions per follower, 0 or more. Written by <see cref="EngagementScorer"/>.</summary>
    public double Engagement { get; set; }

    /// <summary>The text with stars, UTF-8; null where nothing had to be replaced. Written by <see cref="CensorScorer"/>.</summary>
    public byte[]? Censored { get; set; }

    /// <summary>Whether it is a tweet, and so waits for scores and is stored.</summary>
    public readonly bool IsTweet => Kind != RecordKind.Kill;
}
