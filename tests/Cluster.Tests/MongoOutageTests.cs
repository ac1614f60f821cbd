using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;
using Rookery.Broker;
using Rookery.BrokerGateway;
using Rookery.Feed;
using Xunit.Abstractions;

namespace Rookery.Cluster.Tests;

/// <summary>The programs as they are shipped, on a MongoDB server that dies under them and comes back.</summary>
public sealed class MongoOutageTests(ITestOutputHelper output)
{
    private const int Lanes = 4;
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(30);

    [MongoServerFact]
    public async Task A_server_that_is_gone_for_30_s_under_load_loses_nothing_confirmed_and_all_goes_on_by_itself()
    {
        await using var server = new MongoServer();
        await server.StartAsync();
        await using var feed = new TweetServer(new FeedOptions { Port = 0, Seed = 7, Streams = 2, Rate = FeedRate.Fixed(20) });
        await feed.StartAsync();
        const string name = "rookery_outage";
        await using var programs = new Programs(server.Address, name);

        // This is about the server. On a machine that is very busy the silos would declare each other dead, and end this process with them.
        string[] patient = ["--tweets", feed.Address.ToString(), "--probe-seconds", "20"];
        var silo = await programs.StartSiloAsync(patient);
        await programs.StartSiloAsync(patient);
        var broker = (await programs.StartGatewayAsync()).Services.GetRequiredService<ClusterBroker>();
        using var client = new MongoClient(server.Address);
        var tweets = client.GetDatabase(name).GetCollection<BsonDocument>("tweets");
        var lanes = Enumerable.Range(0, Lanes).Select(_ => new List<string>()).ToArray();
        using var enough = new CancellationTokenSource();
        var publishers = await Task.WhenAll(lanes.Select((_, lane) => Recorder.OpenAsync(broker, new SessionIdentity { Producer = $"p{lane}" })));
        var publishing = lanes.Select((confirmed, lane) => PublishAsync(publishers[lane], lane, confirmed, enough.Token)).ToArray();
        var some = 0L;
        await Eventually.HoldsAsync(
            async () => (some = await tweets.EstimatedDocumentCountAsync()) >= 50 && lanes.All(lane => lane.Count >= 10),
            () => $"{some} tweets are stored, {string.Join(", ", lanes.Select(lane => lane.Count))} events confirmed");

        server.Kill();

        // An attempt that was on its way when the server died may have been stored, and be confirmed a moment later; behind the first that fails
        // there is none.
        var failed = publishers.Select(publisher => publisher.Failed).ToArray();
        await Eventually.HoldsAsync(() => publishers.Zip(failed).All(one => one.First.Failed > one.Second), () => "a publisher heard of no failure");
        var before = lanes.Sum(lane => lane.Count);
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Outage; await Task.Delay(100))
        {
            Assert.Equal(before, lanes.Sum(lane => lane.Count));
        }

        await server.StartAsync();
        var back = Stopwatch.GetTimestamp();
        var (counts, stored) = (lanes.Select(lane => lane.Count).ToArray(), await tweets.EstimatedDocumentCountAsync());
        await Eventually.HoldsAsync(() => lanes.Zip(counts).All(one => one.First.Count > one.Second), () => "publishing does not go on");
        Say($"every publisher went on {Stopwatch.GetElapsedTime(back).TotalSeconds:N1} s after the server was back");
        await Eventually.HoldsAsync(async () => await tweets.EstimatedDocumentCountAsync() > stored, () => "no tweet is stored any more");
        Say($"tweets were stored again after {Stopwatch.GetElapsedTime(back).TotalSeconds:N1} s");

        await enough.CancelAsync();
        await Task.WhenAll(publishing);
        await feed.StopAsync();
        var reader = await Recorder.OpenAsync(broker);
        await Eventually.HoldsAsync(async () =>
            (await reader.SubscribeAsync("load", new SubscribeOptions { Window = 60_000, From = StartPosition.Start })).Outcome == Outcome.Done);
        var expected = lanes.SelectMany((lane, i) => lane.Select(id => $"{i}-{id}")).Order().ToList();
        // Each record is read back from a server that is catching up with tweets meanwhile.
        await reader.UntilAsync(one => one.Delivered.Count >= expected.Count, "not everything that was confirmed is there", Eventually.Deadline);
        Assert.Equal(expected, reader.Delivered.Select(one => one.Id).Order());
        await Eventually.HoldsAsync(
            () => StoredTweets.AreWholeAsync(silo, client.GetDatabase(name)), () => "users, engagement and events are not those of the tweets");
        Say($"{expected.Count} events were confirmed and are there, {await tweets.EstimatedDocumentCountAsync()} tweets are stored and counted once");
    }

    private static async Task PublishAsync(Recorder publisher, int lane, List<string> confirmed, CancellationToken enough)
    {
        for (var number = 1; !enough.IsCancellationRequested; number++)
        {
            await publisher.PublishSurelyAsync("load", number, confirmed, $"{lane}-");
        }
    }

    private void Say(string line)
    {
        output.WriteLine(line);
        Console.WriteLine(line);
    }
}
