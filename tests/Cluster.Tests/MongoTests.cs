using System.Globalization;
using System.Net;
using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Driver;
using Rookery.Conformance;
using Rookery.Feed;

namespace Rookery.Cluster.Tests;

/// <summary>The silo and gateway programs as they are shipped, on a MongoDB server; each test in a database of its own.</summary>
public sealed class MongoTests : IAsyncLifetime
{
    private readonly string _database = $"rookery_test_{Guid.NewGuid():N}"[..30];
    private readonly Programs _programs;

    public MongoTests() => _programs = new Programs(MongoFactAttribute.Server, _database);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _programs.DisposeAsync();

        if (MongoFactAttribute.Server is { } server)
        {
            using var client = new MongoDB.Driver.MongoClient(server);
            await client.DropDatabaseAsync(_database);
        }
    }

    [MongoFact]
    public async Task Events_go_through_two_silos_and_two_gateways()
    {
        await _programs.StartSiloAsync();
        await _programs.StartSiloAsync();
        var (one, other) = (await StartGatewayAsync(), await StartGatewayAsync());
        await using var subscriber = await LineClient.ConnectAsync(one, "{\"as\":\"alice\"}");
        await subscriber.AskAsync("sub t {\"window\":9}", "successfully subscribed to topic t");
        await using var publisher = await LineClient.ConnectAsync(other, "{\"confirm\":true}");
        for (var i = 1; i <= 5; i++)
        {
            await publisher.AskAsync($"pub t {{\"id\":\"{i}\",\"msg\":\"m\"}}", $"ok pub t {i} {i}");
            await subscriber.ExpectAsync($"{{\"topic\":\"t\",\"priority\":0,\"msg\":\"m\",\"id\":\"{i}\"}}");
        }

        await subscriber.AskAsync("ack t #1-5", "acknowledged 5");
    }

    [MongoFact]
    public async Task What_was_confirmed_is_there_when_all_silos_have_ended()
    {
        await _programs.StartSiloAsync();
        var gateway = await StartGatewayAsync();
        await using (var alice = await LineClient.ConnectAsync(gateway, "{\"as\":\"alice\"}"))
        {
            await alice.AskAsync("sub t {\"window\":9}", "successfully subscribed to topic t");
            await using var publisher = await LineClient.ConnectAsync(gateway, "{\"confirm\":true}");
            await publisher.AskAsync("pub t {\"id\":\"1\",\"msg\":\"m\"}", "ok pub t 1 1");
            await publisher.AskAsync("pub t {\"id\":\"2\",\"msg\":\"m\"}", "ok pub t 2 2");
            await alice.ExpectAsync(Event(1), Event(2));
            await alice.AskAsync("ack t 1", "acknowledged ev_id=1");
        }

        await _programs.DisposeAsync();
        await _programs.StartSiloAsync();
        await using var again = await LineClient.ConnectAsync(await StartGatewayAsync(), "{\"as\":\"alice\"}");
        await again.AskAsync("sub t {\"window\":9}", "successfully subscribed to topic t", Event(2));
    }

    [MongoFact]
    public async Task Tweets_are_read_scored_stored_and_published()
    {
        var feed = new TweetServer(new FeedOptions { Port = 0, Seed = 7, Streams = 2, Rate = FeedRate.Fixed(50) });
        await feed.StartAsync();
        var silo = await _programs.StartSiloAsync("--tweets", feed.Address.ToString());
        await _programs.StartSiloAsync("--tweets", feed.Address.ToString());
        await using var subscriber = await LineClient.ConnectAsync(await StartGatewayAsync());
        await subscriber.AskAsync("sub tweets {\"window\":1}", "successfully subscribed to topic tweets");
        using var client = new MongoClient(MongoFactAttribute.Server);
        var database = client.GetDatabase(_database);
        var tweets = database.GetCollection<BsonDocument>("tweets");
        await Eventually.HoldsAsync(async () => await tweets.EstimatedDocumentCountAsync() >= 300, () => "300 tweets were not stored");
        await feed.DisposeAsync();

        // A user's engagement is that of its stored tweets, and what is published is what is stored.
        await Eventually.HoldsAsync(() => StoredTweets.AreWholeAsync(silo, database), () => "users, engagement and events are not those of the tweets");
        using var one = JsonDocument.Parse(await subscriber.ReadAsync());
        var message = one.RootElement.GetProperty("msg");
        Assert.True(message.GetProperty("user").TryGetProperty("screen_name", out _));
        var id = long.Parse(message.GetProperty("id").GetString()!, CultureInfo.InvariantCulture);
        var stored = await tweets.Find(new BsonDocument("_id", id)).SingleAsync();
        Assert.Equal(stored["text"].AsString, message.GetProperty("text").GetString());
        Assert.Equal(id, stored["original"]["id"].ToInt64());
    }

    private static string Event(int id) => $"{{\"topic\":\"t\",\"priority\":0,\"msg\":\"m\",\"id\":\"{id}\"}}";

    private async Task<IPEndPoint> StartGatewayAsync() => Programs.EndPointOf(await _programs.StartGatewayAsync());
}
