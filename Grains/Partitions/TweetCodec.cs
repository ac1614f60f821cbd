using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>Tweets with their scores on the way from a reader to the partition that keeps them.</summary>
internal static class TweetCodec
{
    private const byte HasSentiment = 1;
    private const byte HasEngagement = 2;
    private const byte HasCensored = 4;

    /// <summary>Writes a tweet of a block that has left the join.</summary>
    public static void Write(FlatWriter writer, TweetBlock block, in TweetRecord tweet, bool original)
    {
        var censored = (tweet.Scored & Stages.Censor) != 0 ? tweet.Censored : null;
        writer.Byte((byte)(
            ((tweet.Scored & Stages.Sentiment) != 0 ? HasSentiment : 0)
            | ((tweet.Scored & Stages.Engagement) != 0 ? HasEngagement : 0)
            | (censored is not null ? HasCensored : 0)));
        writer.Number(tweet.Id);
        writer.Number(tweet.UserId);
        writer.Number(tweet.CreatedAt);
        writer.Number(tweet.Favorites);
        writer.Number(tweet.Retweets);
        writer.Number(tweet.RetweetedId);
        writer.Number(tweet.QuotedId);
        if ((tweet.Scored & Stages.Sentiment) != 0)
        {
            writer.Real(tweet.Sentiment);
        }

        if ((tweet.Scored & Stages.Engagement) != 0)
        {
            writer.Real(tweet.Engagement);
        }

        writer.Bytes(block.Utf8(tweet.Text));
        if (censored is not null)
        {
            writer.Bytes(censored);
        }

        writer.Bytes(block.Utf8(tweet.Language));
        writer.Number(tweet.HashtagCount);
        foreach (var tag in block.HashtagsOf(tweet))
        {
            writer.Bytes(block.Utf8(tag));
        }

        if (tweet.UserId != 0)
        {
            writer.Bytes(block.Utf8(tweet.ScreenName));
            writer.Bytes(block.Utf8(tweet.UserName));
            writer.Number(tweet.Followers);
        }

        writer.Bytes(original ? block.Utf8(tweet.Json) : []);
    }

    /// <summary>Reads all tweets of a request.</summary>
    /// <exception cref="InvalidDataException">They were not written like this.</exception>
    public static List<ScoredTweet> Read(byte[] tweets)
    {
        var reader = new FlatReader(tweets);
        var list = new List<ScoredTweet>();
        while (!reader.AtEnd)
        {
            list.Add(Read(ref reader));
        }

        return list;
    }

    private static ScoredTweet Read(ref FlatReader reader)
    {
        var flags = reader.Byte();
        var (id, user, created) = (reader.Number(), reader.Number(), reader.Number());
        var (favorites, retweets) = (reader.Number(), reader.Number());
        var (retweeted, quoted) = (reader.Number(), reader.Number());
        double? sentiment = (flags & HasSentiment) != 0 ? reader.Real() : null;
        double? engagement = (flags & HasEngagement) != 0 ? reader.Real() : null;
        var text = reader.Bytes();
        var censored = (flags & HasCensored) != 0 ? reader.Bytes() : default;
        var language = reader.Bytes();
        var hashtags = Hashtags(ref reader);
        return new ScoredTweet
        {
            Id = id,
            UserId = user,
            CreatedAt = created,
            Favorites = favorites,
            Retweets = retweets,
            RetweetedId = retweeted == 0 ? null : retweeted,
            QuotedId = quoted == 0 ? null : quoted,
            Sentiment = sentiment,
            Engagement = engagement,
            Text = text,
            Censored = censored,
            Language = language,
            Hashtags = hashtags,
            Author = user == 0 ? null : new TweetAuthor
            {
                Id = user,
                ScreenName = reader.Bytes(),
                Name = reader.Bytes(),
                Followers = reader.Number(),
                TweetId = id,
            },
            Json = reader.Bytes(),
        };
    }

    private static ReadOnlyMemory<byte>[] Hashtags(ref FlatReader reader)
    {
        var count = reader.Count();
        if (count == 0)
        {
            return [];
        }

        var hashtags = new List<ReadOnlyMemory<byte>>();
        for (; count > 0; count--)
        {
            hashtags.Add(reader.Bytes());
        }

        return [.. hashtags];
    }
}
