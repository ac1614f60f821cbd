using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Driver;
using Xunit.Abstractions;

namespace Rookery.Cluster.Crash.Tests;

/// <summary>Silos as processes, killed while tweets flow through them into MongoDB and from there to the topics.</summary>
public sealed class TweetCrashTests(ITestOutputHelper output)
{
    private const int Rounds = 3;

    // The server that speaks the protocol looks through the whole collection for each guarded upsert, so that the work of a run grows with the square.
    private const int Each = 400;

    [MongoServerFact]
    public async Task Silos_are_killed_while_tweets_flow_and_each_tweet_is_stored_counted_and_published_once()
    {
        var random = Dice.Roll(output, out var seed);
        await using var server = new MongoServer();
        await server.StartAsync();
        await using var feed = await FiniteFeed.StartAsync(Each);
        await using var cluster = await LocalCluster.StartAsync(new()
        {
            Silos = 2,
            MongoDb = server.Address,
            SiloSettings = ["--tweets", feed.Address.ToString()],
        });
        using var client = new MongoClient(server.Address);
        var database = client.GetDatabase("rookery");
        var tweets = database.GetCollection<BsonDocument>("tweets");
        for (var round = 1; round <= Rounds; round++)
        {
            var some = feed.Count * round / (Rounds + 1);
            await StoredAsync(some);
            await cluster.Silos[random.Next(cluster.Silos.Count)].SignalAsync("KILL");
            await cluster.ReadyAsync();
        }

        await StoredAsync(feed.Count);
        var totals = new Dictionary<long, (long Count, double Sum)>();
        await Eventually.HoldsAsync(
            async () =>
            {
                var found = await database.GetCollection<BsonDocument>("users_engagements").Find(new BsonDocument()).ToListAsync();
                totals = found.ToDictionary(one => one["_id"].ToInt64(), one => (one["count"].ToInt64(), one["sum"].ToDouble()));
                return AreEqual(feed.Totals, totals);
            },
            () => Failure($"totals are {string.Join(' ', totals.OrderBy(one => one.Key))}, not {string.Join(' ', feed.Totals.OrderBy(one => one.Key))}"));
        var isFollowed = await HasPositionsAsync(database);
        var published = await PublishedAsync(cluster.Ports[0], feed.Count, onlyNew: isFollowed);
        Assert.Equal(feed.Count, published.Distinct().Count());
        if (isFollowed)
        {
            Assert.Equal(feed.Count, published.Count);
        }

        output.WriteLine(isFollowed
            ? $"{Rounds} silos killed; {feed.Count} tweets stored, counted once and published as new once"
            : $"{Rounds} silos killed; {feed.Count} tweets stored, counted once and published; that server lets nobody follow changes from a position, so how often is not looked at");

        // A machine may be slow, but not stand still.
        async Task StoredAsync(int count)
        {
            for (var stored = 0L; stored < count;)
            {
                var before = stored;
                await Eventually.HoldsAsync(
                    async () => (stored = await tweets.EstimatedDocumentCountAsync()) > before, () => Failure($"{stored} of {count} tweets are stored, and no more come"));
            }
        }

        string Failure(string what) => $"ROOKERY_SEED={seed}: {what}\n{string.Join('\n', cluster.Silos.Select(silo => silo.All))}";
    }

    private static bool AreEqual(Dictionary<long, (long Count, double Sum)> one, Dictionary<long, (long Count, double Sum)> other) =>
        one.Count == other.Count
        && one.All(entry => other.TryGetValue(entry.Key, out var found) && found.Count == entry.Value.Count && Math.Abs(found.Sum - entry.Value.Sum) < 1e-6);

    /// <summary>
    /// Whether changes can be followed there from a position. Where they are compared, a feed that takes over says some again, and a tweet
    /// that was written twice before it was seen is never new.
    /// </summary>
    private static async Task<bool> HasPositionsAsync(IMongoDatabase database)
    {
        try
        {
            using var changes = await database.WatchAsync();
            return changes.GetResumeToken() is not null;
        }
        catch (MongoCommandException)
        {
            return false;
        }
    }

    /// <summary>The tweets that the topic names, or says are new, until it has named so many; and all that come with them.</summary>
    private static async Task<List<string>> PublishedAsync(int port, int count, bool onlyNew)
    {
        using var subscriber = (await RawClient.ConnectAsync(port, "{\"meta\":true}"))!;
        Assert.True(await subscriber.AskAsync("sub tweets {\"window\":60000,\"from\":\"start\"}", "successfully subscribed to topic tweets"));
        var (published, lines) = (new List<string>(), 0);
        while (published.Distinct().Count() < count)
        {
            Add(await ReadAsync() ?? throw new InvalidOperationException("the gateway has gone"));
        }

        // Whatever comes twice has come by the time that the topic answers.
        await subscriber.SendAsync("ping\n");
        while (await ReadAsync() is { } line && line != "pong")
        {
            Add(line);
        }

        return published;

        async Task<string?> ReadAsync()
        {
            try
            {
                return await subscriber.ReadAsync();
            }
            catch (TimeoutException)
            {
                throw new InvalidOperationException($"of {count} tweets {published.Distinct().Count()} came, {published.Count} times, in {lines} lines, and no more come");
            }
        }

        void Add(string line)
        {
            lines++;
            using var json = JsonDocument.Parse(line);
            var message = json.RootElement.GetProperty("msg");
            if (!onlyNew || message.GetProperty("change").GetString() == "created")
            {
                published.Add(message.GetProperty("id").GetString()!);
            }
        }
    }
}
