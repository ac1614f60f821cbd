namespace Rookery.Tweets;

/// <summary>What the scanner has found of one tweet: where its values are, as they stand in the JSON.</summary>
internal sealed class TweetDraft
{
    public RecordKind Kind;
    public int Start;
    public int End;
    public int UserStart;
    public int UserEnd;
    public int Retweeted;
    public int Quoted;
    public long Id;
    public long UserId;
    public long Favorites;
    public long Retweets;
    public long Followers;
    public long QuotedId;
    public long TimestampMs;
    public JsonString IdText;
    public JsonString UserIdText;
    public JsonString QuotedIdText;
    public JsonString TimestampText;
    public JsonString CreatedAt;
    public JsonString Text;
    public JsonString FullText;
    public JsonString ExtendedText;
    public JsonString Language;
    public JsonString ScreenName;
    public JsonString UserName;

    /// <summary>Number of the last list of hashtags of the tweet; hashtags of any other list do not count.</summary>
    public int Hashtags;

    /// <summary>The same for the extended tweet, whose text takes the place of the tweet's.</summary>
    public int ExtendedHashtags;

    public void Begin(RecordKind kind, int start)
    {
        Kind = kind;
        Start = start;
        End = 0;
        Retweeted = Quoted = -1;
        Id = Favorites = Retweets = QuotedId = TimestampMs = 0;
        IdText = QuotedIdText = TimestampText = CreatedAt = Text = FullText = Language = default;
        Hashtags = 0;
        ForgetUser();
        ForgetExtended();
    }

    public void ForgetUser()
    {
        UserStart = UserEnd = 0;
        UserId = Followers = 0;
        UserIdText = ScreenName = UserName = default;
    }

    public void ForgetExtended()
    {
        ExtendedText = default;
        ExtendedHashtags = 0;
    }
}
