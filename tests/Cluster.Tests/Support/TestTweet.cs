using System.Globalization;
using System.Text;
using Rookery.Grains;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Cluster.Tests;

/// <summary>A tweet as tests write it.</summary>
internal sealed record TestTweet(long Id, long User, long Favorites = 0, long Followers = 100, string Text = "a good day", string Inner = "")
{
    /// <summary>The stages that have scored it.</summary>
    public Stages Scored { get; init; } = Stages.All;

    /// <summary>As a stream sends it.</summary>
    public byte[] Event => Encoding.UTF8.GetBytes($$$"""{"message":{"tweet":{{{Json}}}}}""");

    private string Json => string.Create(CultureInfo.InvariantCulture, $$$"""
        {"id":{{{Id}}},"id_str":"{{{Id}}}","text":"{{{Text}}}","favorite_count":{{{Favorites}}},"retweet_count":0,"lang":"en",
        "entities":{"hashtags":[{"text":"tag{{{Id % 7}}}"}]},"created_at":"Mon Apr 18 19:30:47 +0000 2016",
        "user":{"id":{{{User}}},"id_str":"{{{User}}}","screen_name":"u{{{User}}}","name":"User {{{User}}}","followers_count":{{{Followers}}}}{{{Inner}}}}
        """).ReplaceLineEndings("");

    /// <summary>A block with tweets as readers make it.</summary>
    public static TweetBlock Block(params IEnumerable<byte[]> events)
    {
        var (block, reader) = (new TweetBlockPool().Rent(1 << 20), new TweetEventReader(new SequenceSource()));
        foreach (var one in events)
        {
            Assert.True(reader.TryAdd(block, one));
        }

        Assert.Equal(0, reader.Counters.Rejected);
        reader.Seal(block);
        return block;
    }

    /// <summary>As they travel to a partition, with the scores they have.</summary>
    public static byte[] Write(IReadOnlyList<TestTweet> tweets)
    {
        var block = Block(tweets.Select(tweet => tweet.Event));
        new SentimentScorer(Lexicon.Embedded).Score(BlockPart.Of(block));
        new EngagementScorer().Score(BlockPart.Of(block));
        CensorScorer.Default.Score(BlockPart.Of(block));
        using var writer = new FlatWriter();
        for (var i = 0; i < block.Count; i++)
        {
            block[i].Scored = tweets[i].Scored;
            TweetCodec.Write(writer, block, block[i], original: true);
        }

        return writer.ToArray();
    }
}
