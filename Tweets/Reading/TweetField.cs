namespace Rookery.Tweets;

/// <summary>The objects and lists that are looked into; everything else is passed over.</summary>
internal enum TweetContext : byte
{
    Root,
    Message,
    Tweet,
    User,
    Entities,
    ExtendedTweet,
    ExtendedEntities,
    HashtagList,
    Hashtag,
}

/// <summary>The members that are read.</summary>
internal enum TweetField : byte
{
    None,
    Message,
    MessageTweet,
    Id,
    IdText,
    Text,
    FullText,
    ExtendedTweet,
    Language,
    CreatedAt,
    Timestamp,
    Favorites,
    Retweets,
    Retweeted,
    Quoted,
    QuotedId,
    QuotedIdText,
    User,
    Entities,
    ExtendedText,
    ExtendedEntities,
    Hashtags,
    HashtagText,
    UserId,
    UserIdText,
    ScreenName,
    UserName,
    Followers,
}
