namespace Rookery.Local.Tests;

public sealed class StoreBoundsTests
{
    private static readonly string Long = new('x', 3000);

    [Fact]
    public async Task Beyond_the_most_tweets_the_ones_not_seen_for_longest_go_with_their_users()
    {
        await using var fixture = new StoreFixture(new SqliteStoreOptions { MaxTweets = 1000 });
        for (var batch = 0; batch < 30; batch++)
        {
            // Tweet 1 is seen in every batch and stays; user 1 is its author.
            var tweets = Enumerable.Range(0, 100).Select(i => TweetMaker.Json(
                10 + (batch * 100) + i, user: 100 + (batch * 100) + i, text: Long, favorites: i));
            await fixture.WriteAsync([TweetMaker.Json(1, user: 1, text: Long), .. tweets]);
        }

        Assert.InRange(fixture.Number("SELECT count(*) FROM tweets"), 900, 1000);
        Assert.Equal(fixture.Number("SELECT count(*) FROM tweets"), fixture.Store.Figures.Tweets);
        Assert.Equal(1, fixture.Number("SELECT count(*) FROM tweets WHERE id = 1"));
        Assert.Equal(0, fixture.Number("SELECT count(*) FROM tweets WHERE id BETWEEN 10 AND 1900"));
        Assert.Equal(100, fixture.Number("SELECT count(*) FROM tweets WHERE id >= 2910"));
        Assert.Equal(0, fixture.Number("SELECT count(*) FROM users u WHERE NOT EXISTS (SELECT 1 FROM tweets WHERE user_id = u.id)"));
        Assert.Equal(0, fixture.WrongEngagements());
        Assert.Equal(fixture.Store.Figures.Expired, 3001 - fixture.Store.Figures.Tweets);
    }

    [Fact]
    public async Task The_file_stays_within_its_bytes()
    {
        await using var fixture = new StoreFixture(new SqliteStoreOptions { MaxBytes = 16 << 20 });
        var random = new Random(1);
        for (var batch = 0; batch < 40; batch++)
        {
            await fixture.WriteAsync([.. Enumerable.Range(0, 50).Select(i => TweetMaker.Json(
                1 + (batch * 50) + i, text: Convert.ToBase64String(RandomBytes(random, 12_000))))]);
        }

        var used = fixture.Number("PRAGMA page_size")
            * (fixture.Number("PRAGMA page_count") - fixture.Number("PRAGMA freelist_count"));
        Assert.InRange(used, 12 << 20, 16 << 20);
        Assert.InRange(new FileInfo(fixture.Store.Path).Length, 0, 20 << 20);
        Assert.Equal(50, fixture.Number("SELECT count(*) FROM tweets WHERE id > 1950"));
    }

    [Fact]
    public async Task What_was_not_seen_for_too_long_goes()
    {
        var time = new ManualTimeProvider();
        await using var fixture = new StoreFixture(new SqliteStoreOptions { MaxAge = TimeSpan.FromHours(1) }, time);
        await fixture.WriteAsync(TweetMaker.Json(1));
        time.Advance(TimeSpan.FromMinutes(59));
        await fixture.WriteAsync(TweetMaker.Json(2));
        Assert.Equal(2, fixture.Number("SELECT count(*) FROM tweets"));
        time.Advance(TimeSpan.FromMinutes(2));
        await fixture.WriteAsync(TweetMaker.Json(3));
        Assert.Equal("2,3", fixture.Text("SELECT group_concat(id) FROM tweets"));
    }

    [Fact]
    public async Task A_full_outbox_makes_the_store_wait_and_loses_nothing()
    {
        await using var fixture = new StoreFixture(new SqliteStoreOptions { MaxUnpublished = 1000 });
        await fixture.WriteAsync([.. Enumerable.Range(1, 1000).Select(i => TweetMaker.Json(i))]);
        using var batch = fixture.Maker.Batch(TweetMaker.Json(2000));
        var write = fixture.Store.WriteAsync(batch, CancellationToken.None).AsTask();
        Assert.False(write.IsCompleted);
        fixture.Store.Published(500);
        await write.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(1, fixture.Number("SELECT count(*) FROM tweets WHERE id = 2000"));
        Assert.Equal(501, fixture.Number("SELECT min(number) FROM changes"));
    }

    [Fact]
    public async Task A_full_outbox_may_drop_the_oldest_changes_and_counts_them()
    {
        await using var fixture = new StoreFixture(
            new SqliteStoreOptions { MaxUnpublished = 1000, OutboxOverflow = OutboxOverflow.DropOldest });
        await fixture.WriteAsync([.. Enumerable.Range(1, 999).Select(i => TweetMaker.Json(i))]);
        await fixture.WriteAsync([.. Enumerable.Range(1001, 99).Select(i => TweetMaker.Json(i))]);
        Assert.Equal(1000, fixture.Number("SELECT count(*) FROM changes"));
        Assert.Equal(100, fixture.Store.Figures.DroppedChanges);
        Assert.Equal(1098, fixture.Number("SELECT count(*) FROM tweets"));
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
