namespace Rookery.Tweets;

/// <summary>One tweet to store: a view of a record, good as long as its batch.</summary>
public readonly struct TweetRow
{
    private readonly TweetBlock _block;
    private readonly int _index;

    internal TweetRow(TweetBlock block, int index)
    {
        _block = block;
        _index = index;
    }

    private ref readonly TweetRecord Record => ref _block[_index];

    /// <summary>Ingest number: later rows of the same tweet have higher ones.</summary>
    public long Sequence => _block.FirstSequence + _index;

    /// <summary>Tweet id.</summary>
    public long Id => Record.Id;

    /// <summary>Id of the author; 0 where unknown.</summary>
    public long UserId => Record.UserId;

    /// <summary>The text, UTF-8.</summary>
    public ReadOnlySpan<byte> Text => _block.Utf8(Record.Text);

    /// <summary>The text with stars for censored words, UTF-8; the same as <see cref="Text"/> where there are none.</summary>
    public ReadOnlySpan<byte> ShownText => _block.ShownText(Record);

    /// <summary>Language code, UTF-8; empty where unknown.</summary>
    public ReadOnlySpan<byte> Language => _block.Utf8(Record.Language);

    /// <summary>The author's name to call, UTF-8; empty where unknown.</summary>
    public ReadOnlySpan<byte> ScreenName => _block.Utf8(Record.ScreenName);

    /// <summary>When it was written, in milliseconds since 1970 (UTC); 0 where unknown.</summary>
    public long CreatedAt => Record.CreatedAt;

    /// <summary>Mean score of the words; null where the score did not come in time or the stage is off.</summary>
    public double? Sentiment => (Record.Scored & Stages.Sentiment) != 0 ? Record.Sentiment : null;

    /// <summary>Reactions per follower; null where the score did not come in time or the stage is off.</summary>
    public double? Engagement => (Record.Scored & Stages.Engagement) != 0 ? Record.Engagement : null;

    /// <summary>Likes.</summary>
    public long Favorites => Record.Favorites;

    /// <summary>Retweets.</summary>
    public long Retweets => Record.Retweets;

    /// <summary>Followers of the author.</summary>
    public long Followers => Record.Followers;

    /// <summary>Id of the tweet it repeats; null where it does not.</summary>
    public long? RetweetedId => Record.RetweetedId is 0 ? null : Record.RetweetedId;

    /// <summary>Id of the tweet it quotes; null where it does not.</summary>
    public long? QuotedId => Record.QuotedId is 0 ? null : Record.QuotedId;

    /// <summary>Number of hashtags.</summary>
    public int HashtagCount => Record.HashtagCount;

    /// <summary>The tweet object as received, JSON.</summary>
    public ReadOnlySpan<byte> Json => _block.Utf8(Record.Json);

    /// <summary>One hashtag, UTF-8, without the <c>#</c>.</summary>
    /// <param name="index">0 to <see cref="HashtagCount"/> − 1.</param>
    public ReadOnlySpan<byte> Hashtag(int index) => _block.Utf8(_block.HashtagsOf(Record)[index]);
}
