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
    SentAt,
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

/// <summary>Finds a member by its name and by the object it stands in.</summary>
internal static class TweetFields
{
    public static TweetField Of(TweetContext context, ReadOnlySpan<byte> name) => context switch
    {
        TweetContext.Tweet => OfTweet(name),
        TweetContext.User => OfUser(name),
        TweetContext.Root => OfRoot(name),
        TweetContext.Message => OfMessage(name),
        TweetContext.Entities or TweetContext.ExtendedEntities => name.SequenceEqual("hashtags"u8) ? TweetField.Hashtags : TweetField.None,
        TweetContext.Hashtag => name.SequenceEqual("text"u8) ? TweetField.HashtagText : TweetField.None,
        TweetContext.ExtendedTweet => OfExtendedTweet(name),
        _ => TweetField.None,
    };

    // A bare tweet is a root too.
    private static TweetField OfRoot(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("message"u8))
        {
            return TweetField.Message;
        }

        var field = OfMessage(name);
        return field == TweetField.None ? OfTweet(name) : field;
    }

    private static TweetField OfMessage(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("tweet"u8))
        {
            return TweetField.MessageTweet;
        }

        return name.SequenceEqual("unix_timestamp_100us"u8) ? TweetField.SentAt : TweetField.None;
    }

    private static TweetField OfTweet(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 when name.SequenceEqual("id"u8) => TweetField.Id,
        4 when name.SequenceEqual("text"u8) => TweetField.Text,
        4 when name.SequenceEqual("lang"u8) => TweetField.Language,
        4 when name.SequenceEqual("user"u8) => TweetField.User,
        6 when name.SequenceEqual("id_str"u8) => TweetField.IdText,
        8 when name.SequenceEqual("entities"u8) => TweetField.Entities,
        9 when name.SequenceEqual("full_text"u8) => TweetField.FullText,
        10 when name.SequenceEqual("created_at"u8) => TweetField.CreatedAt,
        12 when name.SequenceEqual("timestamp_ms"u8) => TweetField.Timestamp,
        13 when name.SequenceEqual("retweet_count"u8) => TweetField.Retweets,
        13 when name.SequenceEqual("quoted_status"u8) => TweetField.Quoted,
        14 when name.SequenceEqual("favorite_count"u8) => TweetField.Favorites,
        14 when name.SequenceEqual("extended_tweet"u8) => TweetField.ExtendedTweet,
        16 when name.SequenceEqual("retweeted_status"u8) => TweetField.Retweeted,
        16 when name.SequenceEqual("quoted_status_id"u8) => TweetField.QuotedId,
        20 when name.SequenceEqual("quoted_status_id_str"u8) => TweetField.QuotedIdText,
        _ => TweetField.None,
    };

    private static TweetField OfUser(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 when name.SequenceEqual("id"u8) => TweetField.UserId,
        4 when name.SequenceEqual("name"u8) => TweetField.UserName,
        6 when name.SequenceEqual("id_str"u8) => TweetField.UserIdText,
        11 when name.SequenceEqual("screen_name"u8) => TweetField.ScreenName,
        15 when name.SequenceEqual("followers_count"u8) => TweetField.Followers,
        _ => TweetField.None,
    };

    private static TweetField OfExtendedTweet(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("full_text"u8))
        {
            return TweetField.ExtendedText;
        }

        return name.SequenceEqual("entities"u8) ? TweetField.ExtendedEntities : TweetField.None;
    }
}
