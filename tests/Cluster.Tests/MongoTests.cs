using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;
using Rookery.BrokerGateway;
using Rookery.Conformance;
using Rookery.Feed;
using Rookery.Grains.Interfaces;
using Rookery.Hosting;
using Rookery.Silo;

namespace Rookery.Cluster.Tests;

/// <summary>The silo and gateway programs as they are shipped, on a MongoDB server; each test in a database of its own.</summary>
public sealed class MongoTests : IAsyncLifetime
{
    private readonly string _database = $"rookery_test_{Guid.NewGuid():N}"[..30];
    private readonly List<WebApplication> _programs = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _programs.Reverse();
        foreach (var program in _programs)
        {
            await program.StopAsync();
            await program.DisposeAsync();
        }

        if (MongoFactAttribute.Server is { } server)
        {
            using var client = new MongoDB.Driver.MongoClient(server);
            await client.DropDatabaseAsync(_database);
        }
    }

    [MongoFact]
    public async Task Events_go_through_two_silos_and_two_gateways()
    {
        await StartSiloAsync();
        await StartSiloAsync();
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
        await StartSiloAsync();
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

        _programs.Reverse();
        foreach (var program in _programs)
        {
            await program.StopAsync();
            await program.DisposeAsync();
        }

        _programs.Clear();
        await StartSiloAsync();
        await using var again = await LineClient.ConnectAsync(await StartGatewayAsync(), "{\"as\":\"alice\"}");
        await again.AskAsync("sub t {\"window\":9}", "successfully subscribed to topic t", Event(2));
    }

    [MongoFact]
    public async Task Tweets_are_read_scored_stored_and_published()
    {
        var feed = new TweetServer(new FeedOptions { Port = 0, Seed = 7, Streams = 2, Rate = FeedRate.Fixed(50) });
        await feed.StartAsync();
        await StartSiloAsync("--tweets", feed.Address.ToString());
        await StartSiloAsync("--tweets", feed.Address.ToString());
        await using var subscriber = await LineClient.ConnectAsync(await StartGatewayAsync());
        await subscriber.AskAsync("sub tweets {\"window\":1}", "successfully subscribed to topic tweets");
        using var client = new MongoClient(MongoFactAttribute.Server);
        var database = client.GetDatabase(_database);
        var tweets = database.GetCollection<BsonDocument>("tweets");
        await UntilAsync(async () => await tweets.EstimatedDocumentCountAsync() >= 300, "300 tweets were not stored");
        await feed.DisposeAsync();

        // A user's engagement is that of its stored tweets, and what is published is what is stored.
        await UntilAsync(() => IsWholeAsync(database), "users, engagement and events are not those of the tweets");
        using var one = JsonDocument.Parse(await subscriber.ReadAsync());
        var message = one.RootElement.GetProperty("msg");
        Assert.True(message.GetProperty("user").TryGetProperty("screen_name", out _));
        var id = long.Parse(message.GetProperty("id").GetString()!, CultureInfo.InvariantCulture);
        var stored = await tweets.Find(new BsonDocument("_id", id)).SingleAsync();
        Assert.Equal(stored["text"].AsString, message.GetProperty("text").GetString());
        Assert.Equal(id, stored["original"]["id"].ToInt64());
    }

    private async Task<bool> IsWholeAsync(IMongoDatabase database)
    {
        var tweets = await database.GetCollection<BsonDocument>("tweets").Find(new BsonDocument()).ToListAsync();
        var users = await database.GetCollection<BsonDocument>("users").CountDocumentsAsync(new BsonDocument());
        var totals = await database.GetCollection<BsonDocument>("users_engagements").Find(new BsonDocument()).ToListAsync();
        var expected = tweets.Where(one => one.Contains("engagement")).GroupBy(one => one["user_id"].ToInt64())
            .ToDictionary(one => one.Key, one => (Count: one.LongCount(), Sum: one.Sum(tweet => tweet["engagement"].ToDouble())));
        var topic = _programs[0].Services.GetRequiredService<IGrainFactory>().GetGrain<ITopicGrain>("tweets");
        return users == tweets.Select(one => one["user_id"]).Distinct().Count()
            && totals.Count == expected.Count
            && totals.All(one => expected[one["_id"].ToInt64()] is var sum && sum.Count == one["count"].ToInt64() && Math.Abs(sum.Sum - one["sum"].ToDouble()) < 1e-6)
            && (await topic.GetStatsAsync()).Stats!.LastSequence >= tweets.Count;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string otherwise)
    {
        var began = DateTime.UtcNow;
        while (!await holds())
        {
            Assert.True(DateTime.UtcNow - began < TimeSpan.FromSeconds(120), otherwise);
            await Task.Delay(250);
        }
    }

    private static string Event(int id) => $"{{\"topic\":\"t\",\"priority\":0,\"msg\":\"m\",\"id\":\"{id}\"}}";

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task StartSiloAsync(params string[] more)
    {
        var silo = Silo.Program.Build(SiloSettings.Read(new Settings(
            ["--mongodb", MongoFactAttribute.Server!, "--database", _database, "--cluster", _database, "--http-port", "0",
             "--silo-port", $"{FreePort()}", "--gateway-port", $"{FreePort()}", "--drain-seconds", "5", .. more],
            _ => null)));
        await silo.StartAsync();
        _programs.Add(silo);
    }

    private async Task<IPEndPoint> StartGatewayAsync()
    {
        var gateway = BrokerGateway.Program.Build(GatewaySettings.Read(new Settings(
            ["--mongodb", MongoFactAttribute.Server!, "--database", _database, "--cluster", _database, "--http-port", "0", "--port", "0"], _ => null)));
        await gateway.StartAsync();
        _programs.Add(gateway);
        return gateway.Services.GetRequiredService<WireService>().EndPoint;
    }
}
