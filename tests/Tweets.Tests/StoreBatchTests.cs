using System.Text;

namespace Rookery.Tweets.Tests;

public class StoreBatchTests
{
    private readonly TweetBlockPool _pool = new(4 << 10);
    private readonly SequenceSource _sequences = new();

    [Fact]
    public void A_batch_has_the_latest_of_each_tweet_and_of_each_user_once()
    {
        using var batch = new StoreBatch();
        batch.Add(Block(Streams.Tweet(1, "old", user: 7, followers: 1), Streams.Tweet(2, user: 8)));
        batch.Add(Block(Streams.Tweet(1, "new", user: 7, followers: 2), """{"message": panic}"""));

        Assert.Equal((2, 2, 3), (batch.TweetCount, batch.UserCount, batch.RecordCount));
        Assert.Equal((1, "new"), (batch.Tweet(0).Id, Encoding.UTF8.GetString(batch.Tweet(0).Text)));
        Assert.Equal((7, 2), (batch.User(0).Id, batch.User(0).Followers));
        Assert.Equal((2, 8), (batch.Tweet(1).Id, batch.User(1).Id));
    }

    [Fact]
    public void Latest_is_what_was_read_later_whatever_the_order_of_blocks()
    {
        var earlier = Block(Streams.Tweet(1, "old", followers: 1));
        var later = Block(Streams.Tweet(1, "new", followers: 2));
        using var batch = new StoreBatch();
        batch.Add(later);
        batch.Add(earlier);

        Assert.Equal("new", Encoding.UTF8.GetString(batch.Tweet(0).Text));
        Assert.Equal(2, batch.User(0).Followers);
        Assert.Equal(2, batch.Tweet(0).Sequence);
    }

    [Fact]
    public void A_score_the_later_record_lacks_is_taken_from_the_earlier_one()
    {
        var (earlier, later) = (Block(Streams.Tweet(1)), Block(Streams.Tweet(1)));
        earlier.Block[0].Sentiment = 1.5;
        earlier.Block[0].Engagement = 3;
        earlier.Block[0].Scored = Stages.Sentiment | Stages.Engagement;
        later.Block[0].Engagement = 4;
        later.Block[0].Scored = Stages.Engagement;
        using var batch = new StoreBatch();
        batch.Add(earlier);
        batch.Add(later);

        Assert.Equal((1.5, 4.0), (batch.Tweet(0).Sentiment, batch.Tweet(0).Engagement));
    }

    [Fact]
    public void A_batch_that_let_go_of_its_memory_is_filled_again()
    {
        using var batch = new StoreBatch();
        batch.Add(Block(Streams.Tweet(1, user: 7)));
        batch.Release();
        Assert.Equal((0, 0, 0), (batch.TweetCount, batch.UserCount, batch.RecordCount));

        batch.Add(Block(Streams.Tweet(1, user: 7), Streams.Tweet(2, user: 7)));
        Assert.Equal((2, 1, 2), (batch.TweetCount, batch.UserCount, batch.RecordCount));
    }

    [Fact]
    public void A_row_says_what_is_missing()
    {
        using var batch = new StoreBatch();
        batch.Add(Block("""{"id":5,"text":"a","retweeted_status":{"id":6,"text":"b","entities":{"hashtags":[{"text":"Tag"}]}}}"""));

        var row = batch.Tweet(0);
        Assert.Equal((null, null, 6L, null), (row.Sentiment, row.Engagement, row.RetweetedId, row.QuotedId));
        Assert.Equal(0, batch.UserCount);
        Assert.Equal("Tag", Encoding.UTF8.GetString(batch.Tweet(1).Hashtag(0)));
        Assert.Equal(batch.Bytes, row.Json.Length + batch.Tweet(1).Json.Length);
    }

    [Fact]
    public void Blocks_go_back_when_the_batch_is_cleared()
    {
        var batch = new StoreBatch();
        var part = Block(Streams.Tweet(1), Streams.Tweet(2));
        part.Block.Retain();
        batch.Add(part with { Count = 1 });
        batch.Add(part with { Start = 1, Count = 1 });

        Assert.Equal((2, 1), (batch.TweetCount, _pool.BlocksInUse));
        batch.Clear();
        Assert.Equal((0, 0, 0, 0L, 0), (batch.TweetCount, batch.UserCount, batch.RecordCount, batch.Bytes, _pool.BlocksInUse));
    }

    [Fact]
    public void Parts_have_the_rows_between_them_users_first()
    {
        using var batch = new StoreBatch();
        batch.Add(Block(Streams.Tweet(1, user: 7), Streams.Tweet(2, user: 8), Streams.Tweet(3, user: 7)));
        using var before = batch.Part(0, 3);
        using var after = batch.Part(3, 2);

        Assert.Equal(5, batch.RowCount);
        Assert.Equal((2, 1, 1), (before.UserCount, before.TweetCount, before.RecordCount));
        Assert.Equal((7, 8, 1), (before.User(0).Id, before.User(1).Id, before.Tweet(0).Id));
        Assert.Equal((0, 2, 2, 3), (after.UserCount, after.TweetCount, after.Tweet(0).Id, after.Tweet(1).Id));
        Assert.Equal(batch.Bytes, before.Bytes + after.Bytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Part(3, 3));
    }

    private BlockPart Block(params string[] events) => BlockPart.Of(Streams.Block(_pool, _sequences, events));
}
