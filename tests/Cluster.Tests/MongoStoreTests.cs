using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;
using MongoDB.Driver;
using Rookery.Silo;
using Rookery.Tweets;

namespace Rookery.Cluster.Tests;

/// <summary>Tweets and users in MongoDB; each test in a database of its own.</summary>
public sealed class MongoStoreTests : IAsyncLifetime
{
    private readonly string _database = $"rookery_test_{Guid.NewGuid():N}"[..30];
    private readonly MongoClient? _client = MongoFactAttribute.Server is { } server ? new MongoClient(server) : null;

    private IMongoDatabase Database => _client!.GetDatabase(_database);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DropDatabaseAsync(_database);
            _client.Dispose();
        }
    }

    [MongoFact]
    public async Task A_tweet_is_stored_with_all_that_is_known_of_it()
    {
        var tweets = Tweets();
        var receipt = await tweets.WriteAsync(3, 1, [Whole(722145369921077249, 7)], default);
        Assert.Equal((1, 0), (receipt.Inserted, receipt.Updated));
        var stored = await OneAsync("tweets");
        Assert.Equal(stored["stored"], stored["changed"]);
        Assert.Equal(
            BsonDocument.Parse("""
                {"_id":NumberLong("722145369921077249"),"text":"a damn text","censored":"a **** text","lang":"en","hashtags":["x","y"],
                 "favorites":NumberLong(3),"retweets":NumberLong(4),"user_id":NumberLong(7),"retweeted_id":NumberLong("722145369921077000"),
                 "quoted_id":NumberLong(5),"sentiment":0.25,"engagement":0.5,"created_at":{"$date":"2016-04-18T19:30:47Z"},
                 "author":{"screen_name":"ana","name":"Ana","followers":NumberLong(10)},"partition":3,"batch":NumberLong(1),
                 "original":{"id":NumberLong("722145369921077249"),"user":{"id":7}}}
                """),
            Without(stored, "changed", "stored"),
            new Unordered());
    }

    [MongoFact]
    public async Task A_repeat_replaces_counts_and_text_and_leaves_a_score_it_lacks()
    {
        var tweets = Tweets();
        await tweets.WriteAsync(3, 1, [Whole(5, 7)], default);
        var receipt = await tweets.WriteAsync(
            3, 2, [new ScoredTweet { Id = 5, UserId = 7, Text = "other"u8.ToArray(), Favorites = 9, Sentiment = -1 }], default);
        Assert.Equal((0, 1), (receipt.Inserted, receipt.Updated));
        Assert.Equal(
            BsonDocument.Parse("""
                {"_id":NumberLong(5),"text":"other","hashtags":[],"favorites":NumberLong(9),"retweets":NumberLong(0),"user_id":NumberLong(7),
                 "sentiment":-1.0,"engagement":0.5,"partition":3,"batch":NumberLong(2)}
                """),
            Without(await OneAsync("tweets"), "changed", "stored"),
            new Unordered());
    }

    [MongoFact]
    public async Task An_attempt_that_arrives_late_leaves_what_a_later_batch_has_written()
    {
        var tweets = Tweets();
        await tweets.WriteAsync(3, 5, [Counted(1, 50)], default);
        var late = await tweets.WriteAsync(3, 4, [Counted(1, 40), Counted(2, 40)], default);
        Assert.Equal(1, late.Inserted);
        Assert.Equal([(1L, 50L), (2L, 40L)], await CountsAsync());

        // The same batch again, another partition's batch of a lower number: written.
        await tweets.WriteAsync(3, 5, [Counted(1, 51)], default);
        await tweets.WriteAsync(4, 1, [Counted(2, 41)], default);
        Assert.Equal([(1L, 51L), (2L, 41L)], await CountsAsync());
    }

    [MongoFact]
    public async Task First_writes_of_one_tweet_that_meet_leave_the_later_one()
    {
        var tweets = Tweets();
        for (var id = 1; id <= 20; id++)
        {
            await Task.WhenAll(Enumerable.Range(1, 8).Select(batch => tweets.WriteAsync(1, batch, [Counted(id, batch)], default)));
        }

        Assert.Equal(Enumerable.Range(1, 20).Select(id => ((long)id, 8L)), await CountsAsync());
    }

    [MongoFact]
    public async Task What_a_batch_wrote_and_the_engagement_of_tweets_are_found()
    {
        var tweets = Tweets();
        await tweets.WriteAsync(1, 1, [Whole(1, 7), Counted(2, 1)], default);
        await tweets.WriteAsync(1, 2, [Counted(2, 2), Counted(3, 2)], default);
        Assert.Equal([2L, 3], (await tweets.FindWrittenAsync(1, 2, [1, 2, 3, 4], default)).Order());
        Assert.Equal([1L], await tweets.FindWrittenAsync(1, 1, [1, 2, 3, 4], default));
        Assert.Empty(await tweets.FindWrittenAsync(2, 2, [1, 2, 3, 4], default));
        var engagement = await tweets.FindEngagementAsync([1, 2, 4], default);
        Assert.Equal([(1L, 0.5), (2L, (double?)null)], engagement.OrderBy(one => one.Key).Select(one => (one.Key, one.Value)));
    }

    [MongoFact]
    public async Task Users_and_their_engagement_are_stored_apart_and_linked_and_an_earlier_version_leaves_them()
    {
        var users = new MongoUserCollection(Mongo(), TimeProvider.System);
        await users.WriteAsync(
            2, [Author(7, "ana")], [KeyValuePair.Create(7L, new UserEngagement(2, 0.5)), KeyValuePair.Create(8L, new UserEngagement(1, 1))], default);
        await users.WriteAsync(1, [Author(7, "old"), Author(9, "new")], [KeyValuePair.Create(7L, new UserEngagement(1, 9))], default);
        var stored = await Database.GetCollection<BsonDocument>("users").Find(new BsonDocument()).SortBy(one => one["_id"]).ToListAsync();
        Assert.Equal(["ana", null, "new"], stored.Select(one => one.GetValue("screen_name", BsonNull.Value).IsBsonNull ? null : one["screen_name"].AsString));
        var totals = await users.FindTotalsAsync([7, 8, 9], default);
        Assert.Equal(2, totals.Count);
        Assert.Equal(new UserEngagement(2, 0.5), totals[7]);
        var engagement = await Database.GetCollection<BsonDocument>("users_engagements").Find(new BsonDocument("_id", 7)).SingleAsync();
        Assert.Equal(0.25, engagement["mean"].AsDouble);
    }

    [MongoFact]
    public async Task Questions_by_user_time_score_and_change_have_an_index()
    {
        await Tweets().WriteAsync(1, 1, [Counted(1, 1)], default);
        var indexes = await (await Database.GetCollection<BsonDocument>("tweets").Indexes.ListAsync()).ToListAsync();
        Assert.Superset(
            new HashSet<string> { "user_id", "created_at", "sentiment", "engagement", "changed" },
            indexes.Select(one => one["key"].AsBsonDocument.GetElement(0).Name).ToHashSet());
    }

    [MongoFact]
    public async Task Beyond_its_bounds_the_tweets_not_written_for_longest_go_with_their_users()
    {
        var mongo = Mongo(new MongoTweetOptions { MaxTweets = 3, MaxAge = TimeSpan.FromHours(1) });
        var clock = new ManualTimeProvider();
        var (tweets, users) = (new MongoTweetCollection(mongo, clock), new MongoUserCollection(mongo, clock));
        using var retention = new MongoRetention(mongo, clock, NullLogger<MongoRetention>.Instance);
        using var other = new MongoRetention(mongo, clock, NullLogger<MongoRetention>.Instance);
        await users.WriteAsync(1, [Author(7, "ana"), Author(8, "bob")], [KeyValuePair.Create(8L, new UserEngagement(2, 1))], default);
        foreach (var id in new[] { 1, 2, 3, 4, 5, 1 })
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            await tweets.WriteAsync(1, clock.GetUtcNow().Ticks, [Whole(id, id == 2 ? 8 : 7)], default);
        }

        Assert.Equal(2, await retention.SweepAsync(default));
        Assert.Equal([1L, 4, 5], (await CountsAsync()).Select(one => one.Item1));
        Assert.Equal(7, (await OneAsync("users"))["_id"].ToInt64());
        Assert.Empty(await users.FindTotalsAsync([8], default));

        // One of them has the lease; the other has it once it has run out.
        clock.Advance(TimeSpan.FromSeconds(5));
        await tweets.WriteAsync(1, clock.GetUtcNow().Ticks, [Whole(6, 7)], default);
        Assert.Equal(0, await other.SweepAsync(default));
        clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1 + 3, await other.SweepAsync(default) + await other.SweepAsync(default));
        Assert.Empty(await CountsAsync());
    }

    [MongoFact]
    public async Task Documents_of_somebody_else_are_passed_over_when_the_oldest_tweets_go()
    {
        var mongo = Mongo(new MongoTweetOptions { MaxTweets = 2, MaxAge = TimeSpan.FromHours(1) });
        var clock = new ManualTimeProvider();
        var tweets = new MongoTweetCollection(mongo, clock);
        using var retention = new MongoRetention(mongo, clock, NullLogger<MongoRetention>.Instance);
        var foreign = Database.GetCollection<BsonDocument>("tweets");
        await foreign.InsertManyAsync([[], new BsonDocument("_id", "x"), new BsonDocument { { "_id", "y" }, { "changed", new BsonDateTime(0) } }]);
        await tweets.WriteAsync(1, 1, [Whole(1, 7)], default);
        Assert.Equal(1, await retention.SweepAsync(default));
        Assert.Equal(3, await foreign.CountDocumentsAsync(new BsonDocument()));
    }

    [Fact]
    public async Task A_sweep_that_fails_for_whatever_reason_is_tried_again_at_the_next_turn()
    {
        var clock = new ManualTimeProvider();
        using var retention = new MongoRetention(
            new MongoTweets(BrokenMongo.NewClient(), new MongoTweetOptions()), clock, NullLogger<MongoRetention>.Instance);
        await retention.StartAsync(default);
        var before = BrokenMongo.Failures;
        await Eventually.HoldsAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            return BrokenMongo.Failures >= before + 2 || retention.ExecuteTask!.IsCompleted;
        });
        Assert.False(retention.ExecuteTask!.IsCompleted, $"it ended: {retention.ExecuteTask.Exception}");
        await retention.StopAsync(default);
    }

    [MongoFact]
    public async Task Without_originals_none_is_stored()
    {
        await Tweets(new MongoTweetOptions { KeepOriginals = false }).WriteAsync(1, 1, [Whole(1, 7)], default);
        Assert.False((await OneAsync("tweets")).Contains("original"));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable_in_words_and_unhealthy()
    {
        using var nowhere = new MongoClient("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300");
        var tweets = new MongoTweetCollection(new MongoTweets(nowhere, new MongoTweetOptions()), TimeProvider.System);
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => tweets.WriteAsync(1, 1, [Counted(1, 1)], default));
        Assert.StartsWith("writing 1 tweets: ", error.Message, StringComparison.Ordinal);
        Assert.Null(error.InnerException);
        Assert.False(await tweets.IsHealthyAsync(default));
    }

    [MongoServerFact]
    public async Task A_server_killed_under_writes_has_all_that_was_confirmed_when_it_is_back()
    {
        await using var server = new MongoServer();
        await server.StartAsync();
        using var client = new MongoClient(server.ConnectionString);
        var tweets = new MongoTweetCollection(
            new MongoTweets(client, new MongoTweetOptions { Database = _database, Timeout = TimeSpan.FromSeconds(5) }), TimeProvider.System);
        var confirmed = new ConcurrentBag<long>();
        var kills = KillAsync(server, tweets, confirmed);
        for (var batch = 1L; !kills.IsCompleted || batch < 100; batch++)
        {
            var written = Enumerable.Range(0, 20).Select(i => Counted((batch * 20) + i, batch)).ToList();
            while (true)
            {
                try
                {
                    await tweets.WriteAsync(1, batch, written, default);
                    break;
                }
                catch (StoreUnavailableException)
                {
                    // The driver waits for the server by itself.
                }
            }

            written.ForEach(one => confirmed.Add(one.Id));
        }

        await kills;
        var stored = await client.GetDatabase(_database).GetCollection<BsonDocument>("tweets").Find(new BsonDocument())
            .Project(new BsonDocument("_id", 1)).ToListAsync();
        Assert.Equal(confirmed.Order(), stored.Select(one => one["_id"].ToInt64()).Order());
        Assert.True(await tweets.IsHealthyAsync(default));
    }

    private static async Task KillAsync(MongoServer server, MongoTweetCollection tweets, ConcurrentBag<long> confirmed)
    {
        for (var round = 0; round < 3; round++)
        {
            var before = confirmed.Count;
            await Eventually.HoldsAsync(() => confirmed.Count >= before + 100, () => $"no more than {confirmed.Count} tweets are confirmed");
            server.Kill();
            Assert.False(await tweets.IsHealthyAsync(default));
            await server.StartAsync();
        }
    }

    private MongoTweets Mongo(MongoTweetOptions? options = null) => new(_client!, (options ?? new MongoTweetOptions()) with { Database = _database });

    private MongoTweetCollection Tweets(MongoTweetOptions? options = null) => new(Mongo(options), TimeProvider.System);

    private Task<BsonDocument> OneAsync(string collection) =>
        Database.GetCollection<BsonDocument>(collection).Find(new BsonDocument()).SingleAsync();

    private async Task<IEnumerable<(long, long)>> CountsAsync() =>
        (await Database.GetCollection<BsonDocument>("tweets").Find(new BsonDocument()).ToListAsync())
            .Select(one => (one["_id"].AsInt64, one["favorites"].AsInt64)).OrderBy(one => one);

    private static BsonDocument Without(BsonDocument document, params string[] fields)
    {
        foreach (var field in fields)
        {
            document.Remove(field);
        }

        return document;
    }

    private static ScoredTweet Counted(long id, long favorites) => new() { Id = id, UserId = 0, Text = "t"u8.ToArray(), Favorites = favorites };

    private static TweetAuthor Author(long id, string name) => new()
    {
        Id = id,
        ScreenName = Encoding.UTF8.GetBytes(name),
        Name = "Ana"u8.ToArray(),
        Followers = 10,
        TweetId = 1,
    };

    private static ScoredTweet Whole(long id, long user) => new()
    {
        Id = id,
        UserId = user,
        Text = "a damn text"u8.ToArray(),
        Censored = "a **** text"u8.ToArray(),
        Language = "en"u8.ToArray(),
        Hashtags = ["x"u8.ToArray(), "y"u8.ToArray()],
        CreatedAt = 1461007847000,
        Sentiment = 0.25,
        Engagement = 0.5,
        Favorites = 3,
        Retweets = 4,
        RetweetedId = 722145369921077000,
        QuotedId = 5,
        Author = Author(user, "ana"),
        Json = Encoding.UTF8.GetBytes($"{{\"id\":{id},\"user\":{{\"id\":{user}}}}}"),
    };

    /// <summary>Documents whose fields may come in any order.</summary>
    private sealed class Unordered : IEqualityComparer<BsonDocument>
    {
        public bool Equals(BsonDocument? one, BsonDocument? other) => Sorted(one!).Equals(Sorted(other!));

        public int GetHashCode(BsonDocument document) => 0;

        private static BsonDocument Sorted(BsonDocument document) => new(document.Elements.OrderBy(one => one.Name, StringComparer.Ordinal));
    }
}
