namespace Rookery.Tweets;

/// <summary>Where a record came from.</summary>
public enum RecordKind : byte
{
    /// <summary>A tweet as the stream sent it.</summary>
    Tweet,

    /// <summary>The original that a retweet carries inside.</summary>
    Retweeted,

    /// <summary>The tweet that another one quotes.</summary>
    Quoted,

    /// <summary>Not a tweet: the kill message. Whoever draws it crashes.</summary>
    Kill,
}
