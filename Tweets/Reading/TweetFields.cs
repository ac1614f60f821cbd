using System.Runtime.CompilerServices;

namespace Rookery.Tweets;

/// <summary>
/// Finds a member by its name and by the object it stands in. No two names of one object agree in length and first letter, so
/// these two lead to the only name it can be.
/// </summary>
internal static class TweetFields
{
    private const int Letters = 32;
    private const int Lengths = 32;
    private const int PerContext = Letters * Lengths;

    private static readonly byte[][] Names = new byte[Enum.GetValues<TweetField>().Length][];
    private static readonly byte[] Table = Build();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TweetField Of(TweetContext context, ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or >= Lengths)
        {
            return TweetField.None;
        }

        var field = Table[((int)context * PerContext) + (name.Length * Letters) + (name[0] & (Letters - 1))];
        return field != 0 && name.SequenceEqual(Names[field]) ? (TweetField)field : TweetField.None;
    }

    private static byte[] Build()
    {
        var table = new byte[(1 + (int)TweetContext.Hashtag) * PerContext];
        (TweetField Field, string Name)[] envelope = [(TweetField.MessageTweet, "tweet")];
        (TweetField Field, string Name)[] tweet =
        [
            (TweetField.Id, "id"),
            (TweetField.IdText, "id_str"),
            (TweetField.Text, "text"),
            (TweetField.FullText, "full_text"),
            (TweetField.ExtendedTweet, "extended_tweet"),
            (TweetField.Language, "lang"),
            (TweetField.CreatedAt, "created_at"),
            (TweetField.Timestamp, "timestamp_ms"),
            (TweetField.Favorites, "favorite_count"),
            (TweetField.Retweets, "retweet_count"),
            (TweetField.Retweeted, "retweeted_status"),
            (TweetField.Quoted, "quoted_status"),
            (TweetField.QuotedId, "quoted_status_id"),
            (TweetField.QuotedIdText, "quoted_status_id_str"),
            (TweetField.User, "user"),
            (TweetField.Entities, "entities"),
        ];
        Fill(table, TweetContext.Message, envelope);
        Fill(table, TweetContext.Tweet, tweet);

        // A bare tweet is a root too.
        Fill(table, TweetContext.Root, [(TweetField.Message, "message"), .. envelope, .. tweet]);
        Fill(table, TweetContext.ExtendedTweet, [(TweetField.ExtendedText, "full_text"), (TweetField.ExtendedEntities, "entities")]);
        Fill(table, TweetContext.Entities, [(TweetField.Hashtags, "hashtags")]);
        Fill(table, TweetContext.ExtendedEntities, [(TweetField.Hashtags, "hashtags")]);
        Fill(table, TweetContext.Hashtag, [(TweetField.HashtagText, "text")]);
        Fill(
            table,
            TweetContext.User,
            [
                (TweetField.UserId, "id"),
                (TweetField.UserIdText, "id_str"),
                (TweetField.UserName, "name"),
                (TweetField.ScreenName, "screen_name"),
                (TweetField.Followers, "followers_count"),
            ]);
        return table;
    }

    private static void Fill(byte[] table, TweetContext context, (TweetField Field, string Name)[] members)
    {
        foreach (var (field, name) in members)
        {
            ref var place = ref table[((int)context * PerContext) + (name.Length * Letters) + (name[0] & (Letters - 1))];
            if (place != 0)
            {
                throw new InvalidOperationException($"The member {name} of {context} cannot be told from another.");
            }

            place = (byte)field;
            Names[(int)field] = System.Text.Encoding.ASCII.GetBytes(name);
        }
    }
}
