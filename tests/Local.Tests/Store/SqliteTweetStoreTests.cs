using System.Text;
using Rookery.Tweets;

namespace Rookery.Local.Tests;

public sealed class SqliteTweetStoreTests
{
    [Fact]
    public async Task A_tweet_its_user_and_the_users_engagement_are_stored_and_linked()
    {
        await using var fixture = new StoreFixture();
        var receipt = await fixture.WriteAsync(TweetMaker.Json(11, user: 5, favorites: 30, retweets: 20, followers: 100, tag: "rooks"));
        Assert.Equal((1, 0, 1), (receipt.Inserted, receipt.Updated, receipt.Users));
        Assert.Equal("what a good day|rooks|en|user5|1", fixture.Text("""
            SELECT t.text || '|' || t.hashtags || '|' || t.lang || '|' || u.screen_name || '|' || e.count
            FROM tweets t JOIN users u ON u.id = t.user_id JOIN users_engagements e ON e.user_id = u.id
            WHERE t.id = 11 AND u.tweet_id = 11
            """));
        Assert.Equal(0.5, fixture.Real("SELECT mean FROM users_engagements WHERE user_id = 5"));
        Assert.True(fixture.Real("SELECT sentiment FROM tweets") > 0);
    }

    [Fact]
    public async Task A_tweet_that_recurs_is_updated_and_counts_once_for_its_author()
    {
        await using var fixture = new StoreFixture();
        await fixture.WriteAsync(TweetMaker.Json(11, favorites: 10));
        var receipt = await fixture.WriteAsync(TweetMaker.Json(11, favorites: 90), TweetMaker.Json(12, favorites: 10));
        Assert.Equal((1, 1), (receipt.Inserted, receipt.Updated));
        Assert.Equal(90, fixture.Number("SELECT favorites FROM tweets WHERE id = 11"));
        Assert.Equal(2, fixture.Number("SELECT count FROM users_engagements"));
        Assert.Equal(1.0, fixture.Real("SELECT sum FROM users_engagements"), 9);
        Assert.Equal(0, fixture.WrongEngagements());
    }

    [Fact]
    public async Task A_batch_written_twice_changes_nothing()
    {
        await using var fixture = new StoreFixture();
        using var batch = fixture.Maker.Batch(TweetMaker.Json(1, favorites: 5), TweetMaker.Json(2, user: 8), TweetMaker.Json(3));
        await fixture.Store.WriteAsync(batch, CancellationToken.None);
        var again = await fixture.Store.WriteAsync(batch, CancellationToken.None);
        Assert.Equal((0, 3), (again.Inserted, again.Updated));
        Assert.Equal(3, fixture.Number("SELECT count(*) FROM tweets"));
        Assert.Equal(0, fixture.WrongEngagements());
    }

    [Fact]
    public async Task A_score_that_is_missing_leaves_the_stored_one()
    {
        await using var fixture = new StoreFixture();
        await fixture.WriteAsync(TweetMaker.Json(1, favorites: 50));
        var block = fixture.Maker.Block(TweetMaker.Json(1, favorites: 99));
        block[0].Scored = Stages.None;
        using var batch = new StoreBatch();
        batch.Add(BlockPart.Of(block));
        await fixture.Store.WriteAsync(batch, CancellationToken.None);
        Assert.Equal(0.5, fixture.Real("SELECT engagement FROM tweets"));
        Assert.Equal(99, fixture.Number("SELECT favorites FROM tweets"));
        Assert.Equal(1, fixture.Number("SELECT count FROM users_engagements"));
    }

    [Fact]
    public async Task The_original_json_of_tweets_and_of_those_inside_retweets_comes_back_byte_for_byte()
    {
        await using var fixture = new StoreFixture();
        var inner = TweetMaker.Json(2, user: 9, text: "the \"original\" \\ text: ünï 🐦");
        var outer = TweetMaker.Json(1, retweeted: inner);
        var big = TweetMaker.Json(3, text: new string('x', 1_000_000));
        await fixture.WriteAsync(outer, big, TweetMaker.Json(4));
        Assert.Equal(outer, Encoding.UTF8.GetString(fixture.Store.ReadOriginal(1)!));
        Assert.Equal(inner, Encoding.UTF8.GetString(fixture.Store.ReadOriginal(2)!));
        Assert.Equal(big, Encoding.UTF8.GetString(fixture.Store.ReadOriginal(3)!));
        Assert.Null(fixture.Store.ReadOriginal(99));
        Assert.Equal(2, fixture.Number("SELECT retweeted_id FROM tweets WHERE id = 1"));
        // The inner one lies within the outer one: it takes no room of its own.
        Assert.Equal(
            outer.Length + big.Length + TweetMaker.Json(4).Length + Encoding.UTF8.GetByteCount(inner) - inner.Length,
            fixture.Number("SELECT sum(bytes) FROM originals"));
    }

    [Fact]
    public async Task Odd_tweets_are_stored_as_they_are()
    {
        await using var fixture = new StoreFixture();
        var surrogate = TweetMaker.Json(2).Replace("what a good day", "lone \\ud83d surrogate and \\u0000 zero", StringComparison.Ordinal);
        await fixture.WriteAsync(TweetMaker.Json(1, text: "", followers: 0, favorites: 3), surrogate, """{"id":3,"text":"no user"}""");
        Assert.Equal(3, fixture.Number("SELECT count(*) FROM tweets"));
        Assert.Equal(3.0, fixture.Real("SELECT engagement FROM tweets WHERE id = 1"));
        Assert.Equal("lone \uFFFD surrogate and ", fixture.Text("SELECT text FROM tweets WHERE id = 2").Split('\0')[0]);
        Assert.Equal(1, fixture.Number("SELECT count(*) FROM tweets WHERE user_id IS NULL"));
        Assert.Equal(0, fixture.WrongEngagements());
    }

    [Fact]
    public async Task A_censored_text_is_kept_beside_the_text_only_where_it_differs()
    {
        await using var fixture = new StoreFixture();
        await fixture.WriteAsync(TweetMaker.Json(1, text: "oh shit"), TweetMaker.Json(2));
        Assert.Equal("oh ****", fixture.Text("SELECT censored FROM tweets WHERE id = 1"));
        Assert.Equal("oh shit", fixture.Text("SELECT text FROM tweets WHERE id = 1"));
        Assert.Equal(1, fixture.Number("SELECT count(*) FROM tweets WHERE censored IS NULL"));
    }

    [Fact]
    public async Task Changes_are_numbered_in_commit_order_and_numbers_never_come_again()
    {
        await using var fixture = new StoreFixture();
        await fixture.WriteAsync(TweetMaker.Json(1), TweetMaker.Json(2));
        await fixture.WriteAsync(TweetMaker.Json(1));
        Assert.Equal("2:7 0:1 0:2 3:7 1:1", fixture.Text("SELECT group_concat(kind || ':' || id, ' ') FROM changes"));
        fixture.Store.Published(5);
        await fixture.Store.TrimAsync(CancellationToken.None);
        Assert.Equal(0, fixture.Number("SELECT count(*) FROM changes"));
        await fixture.RestartAsync();
        await fixture.WriteAsync(TweetMaker.Json(3));
        Assert.Equal(6, fixture.Number("SELECT min(number) FROM changes"));
    }

    [Fact]
    public async Task What_was_committed_survives_a_kill_and_nothing_else_appears()
    {
        await using var fixture = new StoreFixture();
        for (var i = 0; i < 20; i++)
        {
            await fixture.WriteAsync(TweetMaker.Json(2 * i + 1, user: i % 3 + 1, favorites: i), TweetMaker.Json(2 * i + 2));
        }

        var producer = fixture.Store.Producer;
        await fixture.CrashAsync();
        Assert.Equal(40, fixture.Number("SELECT count(*) FROM tweets"));
        Assert.Equal(40, fixture.Number("SELECT count(*) FROM changes WHERE kind = 0"));
        Assert.Equal(0, fixture.WrongEngagements());
        Assert.Equal("ok", fixture.Text("PRAGMA integrity_check"));
        Assert.Equal(0, fixture.Number("SELECT count(*) FROM pragma_foreign_key_check"));
        Assert.Equal(producer, fixture.Store.Producer);
    }

    [Fact]
    public async Task Questions_by_user_time_and_score_use_an_index()
    {
        await using var fixture = new StoreFixture();
        foreach (var (question, index) in new[]
        {
            ("user_id = 5", "tweets_by_user"),
            ("created_at > 5", "tweets_by_time"),
            ("engagement > 2 ORDER BY engagement DESC", "tweets_by_engagement"),
            ("sentiment < -1 ORDER BY sentiment LIMIT 10", "tweets_by_sentiment"),
        })
        {
            using var database = fixture.Store.OpenForReading();
            var plan = database.Prepare($"EXPLAIN QUERY PLAN SELECT * FROM tweets WHERE {question}");
            Assert.True(plan.Step());
            Assert.Contains(index, plan.Text(3), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("MaxTweets")]
    [InlineData("MaxBytes")]
    [InlineData("Folder")]
    [InlineData("MaxUnpublished")]
    public void A_wrong_option_is_named(string option)
    {
        var options = option switch
        {
            "MaxTweets" => new SqliteStoreOptions { MaxTweets = 0 },
            "MaxBytes" => new SqliteStoreOptions { MaxBytes = 1 },
            "Folder" => new SqliteStoreOptions { Folder = " " },
            _ => new SqliteStoreOptions { MaxUnpublished = 1 },
        };
        Assert.Contains(option, Assert.ThrowsAny<ArgumentException>(() => new SqliteTweetStore(options)).Message, StringComparison.Ordinal);
    }
}
