using System.Globalization;
using System.Text;
using System.Text.Json;
using Rookery.Tweets;

namespace Rookery.Local.Tests;

/// <summary>Tweets, blocks and batches for tests, made the way they are made in life: from the bytes of a stream.</summary>
internal sealed class TweetMaker
{
    private readonly TweetStreamReader _reader;
    private readonly SentimentScorer _sentiment = new(Lexicon.Embedded);

    public TweetMaker() => _reader = new TweetStreamReader(Sequences);

    public TweetBlockPool Pool { get; } = new();

    public SequenceSource Sequences { get; } = new();

    public static string Json(
        long id,
        long user = 7,
        string text = "what a good day",
        long favorites = 0,
        long retweets = 0,
        long followers = 100,
        string? tag = null,
        string? retweeted = null)
    {
        var number = id.ToString(CultureInfo.InvariantCulture);
        var author = user.ToString(CultureInfo.InvariantCulture);
        var hashtags = tag is null ? "" : $$"""{"text":"{{tag}}","indices":[0,1]}""";
        var inner = retweeted is null ? "" : $",\"retweeted_status\":{retweeted}";
        return $$"""
            {"created_at":"Mon Apr 18 19:30:47 +0000 2016","id":{{number}},"id_str":"{{number}}","text":{{JsonSerializer.Serialize(text)}},"lang":"en","favorite_count":{{favorites}},"retweet_count":{{retweets}},"entities":{"hashtags":[{{hashtags}}]},"user":{"id":{{author}},"id_str":"{{author}}","name":"Name {{author}}","screen_name":"user{{author}}","followers_count":{{followers}}}{{inner}}}
            """;
    }

    public static string Event(string tweet) =>
        $"event: \"message\"\n\ndata: {{\"message\": {{\"tweet\": {tweet}, \"unix_timestamp_100us\": 16523062290197}}}}\n\n";

    public static string Kill => "event: \"message\"\n\ndata: {\"message\": panic}\n\n";

    public static string Events(int firstId, int count) =>
        string.Concat(Enumerable.Range(firstId, count).Select(i => Event(Json(i, user: i % 10 + 1))));

    /// <summary>A block with the records of some tweets, scored.</summary>
    public TweetBlock Block(params string[] tweets)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(tweets.Select(Event)));
        var block = Pool.Rent(2 * bytes.Length);
        bytes.CopyTo(block.Free);
        block.Advance(bytes.Length);
        Assert.True(_reader.Read(block) > 0);
        _reader.Detach(block, Pool).Release();
        var part = BlockPart.Of(block);
        _sentiment.Score(part);
        new EngagementScorer().Score(part);
        CensorScorer.Default.Score(part);
        foreach (ref var record in block.Records)
        {
            record.Scored = Stages.All;
        }

        return block;
    }

    public StoreBatch Batch(params string[] tweets)
    {
        var batch = new StoreBatch();
        batch.Add(BlockPart.Of(Block(tweets)));
        return batch;
    }
}
