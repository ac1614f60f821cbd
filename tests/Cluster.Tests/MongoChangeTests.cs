using System.Net;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;
using Rookery.Broker;
using Rookery.Grains;
using Rookery.Grains.Interfaces;
using Rookery.Silo;
using Rookery.Tweets;

namespace Rookery.Cluster.Tests;

/// <summary>The change feed of a cluster on MongoDB.</summary>
public sealed class MongoChangeTests : IAsyncLifetime
{
    private readonly string _database = $"rookery_test_{Guid.NewGuid():N}"[..30];
    private int _unknown;
    private readonly MongoClient? _client = MongoFactAttribute.Server is { } server ? new MongoClient(server) : null;

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
    public async Task What_is_written_is_published_with_its_user_whatever_silo_dies()
    {
        await using var cluster = await StartAsync(_client!, silos: 2);
        var subscriber = await Recorder.OpenAsync(cluster.NewGateway(), new SessionIdentity { Name = "alice" });
        await subscriber.SubscribeAsync("tweets");
        var mongo = Mongo(_client!);
        var (tweets, users) = (new MongoTweetCollection(mongo, TimeProvider.System), new MongoUserCollection(mongo, TimeProvider.System));
        await users.WriteAsync(1, [new TweetAuthor { Id = 7, ScreenName = "ana"u8.ToArray() }], [], default);
        await tweets.WriteAsync(1, 1, [Tweet(1), Tweet(2)], default);
        await subscriber.UntilAsync(one => one.Delivered.Count == 2, "the first tweets did not come");

        var silo = cluster.Silos.TryGetGrainContext(cluster.Silos.Client.GetGrain<IChangeFeedGrain>(0).GetGrainId(), out var context)
            ? cluster.Silos.GetSiloForAddress(context.Address.SiloAddress!)!
            : throw new InvalidOperationException("no silo has the change feed");
        await cluster.Silos.KillSiloAsync(silo);
        await tweets.WriteAsync(1, 2, [Tweet(1), Tweet(3)], default);
        await subscriber.UntilAsync(one => one.Delivered.Any(d => d.Id == "3"), "what was written behind the failure did not come");
        var stats = await StatsAsync(cluster, "tweets");
        Assert.Equal(4, stats.LastSequence);
        Assert.Equal(1, (await StatsAsync(cluster, "users")).LastSequence);
    }

    [MongoFact]
    public async Task A_reader_gives_changes_in_order_and_goes_on_from_its_position()
    {
        var mongo = Mongo(_client!);
        var source = new MongoChangeSource(mongo);
        var begin = await source.GetPositionAsync(default);
        var tweets = new MongoTweetCollection(mongo, TimeProvider.System);
        await tweets.WriteAsync(1, 1, [Tweet(1)], default);
        await tweets.WriteAsync(1, 2, [Tweet(2)], default);
        await tweets.WriteAsync(1, 3, [Tweet(1)], default);
        var first = await ReadAsync(source, begin, 3);
        Assert.Equal([(1L, true), (2, true), (1, false)], first.Changes.Select(one => (one.Id, one.IsCreated)));
        Assert.All(first.Changes, one => Assert.InRange(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - one.At, -5000, 60_000));
        await tweets.WriteAsync(1, 4, [Tweet(3)], default);
        Assert.Equal([3L], (await ReadAsync(source, first.Position, 1)).Changes.Select(one => one.Id));
        Assert.Equal(
            first.Changes.Select(one => one.Id).Append(3), (await ReadAsync(source, begin, 4)).Changes.Select(one => one.Id));
    }

    [MongoFact]
    public async Task A_comparison_finds_what_changed_since_a_time_page_by_page()
    {
        var mongo = Mongo(_client!);
        var source = new MongoChangeSource(mongo);
        var time = new ManualTimeProvider();
        var tweets = new MongoTweetCollection(mongo, time);
        await tweets.WriteAsync(1, 1, [Tweet(1), Tweet(2), Tweet(3)], default);
        time.Advance(TimeSpan.FromSeconds(1));
        var since = time.GetUtcNow().ToUnixTimeMilliseconds();
        await tweets.WriteAsync(1, 2, [Tweet(2), Tweet(4), Tweet(5)], default);
        var page = await source.ScanAsync(ofTweets: true, since, 0, 2, default);
        Assert.Equal([(2L, false), (4, true)], page.Select(one => (one.Id, one.IsCreated)));
        Assert.Equal([5L], (await source.ScanAsync(ofTweets: true, page[^1].At, page[^1].Id, 2, default)).Select(one => one.Id));
        Assert.Equal(5, (await source.ScanAsync(ofTweets: true, 0, 0, 10, default)).Count);
    }

    [Theory]
    [InlineData(286, typeof(ChangesLostException))]
    [InlineData(280, typeof(ChangesLostException))]
    [InlineData(260, typeof(ChangesLostException))]
    [InlineData(40573, typeof(ChangesUnsupportedException))]
    [InlineData(40324, typeof(ChangesUnsupportedException))]
    [InlineData(10107, typeof(StoreUnavailableException))]
    [InlineData(11600, typeof(StoreUnavailableException))]
    public async Task What_a_server_answers_to_a_stream_of_changes_is_told_apart(int code, Type expected)
    {
        var server = new MongoDB.Driver.Core.Connections.ConnectionId(
            new MongoDB.Driver.Core.Servers.ServerId(new MongoDB.Driver.Core.Clusters.ClusterId(), new DnsEndPoint("here", 1)));
        var answer = new MongoCommandException(server, "said so", [], new BsonDocument { { "ok", 0 }, { "code", code }, { "errmsg", "said so" } });
        var error = await Assert.ThrowsAnyAsync<Exception>(() => MongoChangeReader.GuardAsync<int>(Recorder.Deadline, _ => throw answer, default));
        Assert.IsType(expected, error);
        Assert.Contains("said so", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_answers_no_more_is_unavailable_and_not_waited_for_for_ever(bool whenItIsOpened)
    {
        var options = new MongoTweetOptions { Timeout = TimeSpan.FromMilliseconds(200) };
        var source = new MongoChangeSource(new MongoTweets(SilentMongo.NewClient(opens: !whenItIsOpened), options));
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
        {
            await using var reader = await source.OpenAsync("{ \"_data\": \"here\" }", default).WaitAsync(Recorder.Deadline);
            await reader.ReadAsync(default).WaitAsync(Recorder.Deadline);
        });
        Assert.Equal("following the changes: MongoDB did not answer within 0.2 s", error.Message);
        if (whenItIsOpened)
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => source.GetPositionAsync(default).WaitAsync(Recorder.Deadline));
        }
    }

    [MongoServerFact]
    public async Task A_server_killed_under_a_running_feed_loses_no_change_and_repeats_none()
    {
        await using var server = new MongoServer();
        await server.StartAsync();
        using var client = new MongoClient(server.ConnectionString);
        await using var cluster = await StartAsync(client, silos: 1);
        var tweets = new MongoTweetCollection(Mongo(client), TimeProvider.System);
        var batch = 0L;
        var kills = Task.Run(async () =>
        {
            for (var round = 1; round <= 3; round++)
            {
                await Eventually.HoldsAsync(() => Volatile.Read(ref batch) >= round * 10, () => $"only {batch} batches were written");
                var before = Unknown;
                server.Kill();

                // It is gone until a writer has noticed.
                await Eventually.HoldsAsync(() => Unknown > before, () => "no writer noticed");
                await server.StartAsync();
            }
        });
        for (; !kills.IsCompleted || batch < 40; batch++)
        {
            await SurelyAsync(tweets, batch, [.. Enumerable.Range(0, 10).Select(i => Tweet(1 + (batch * 10) + i))]);
            await Task.Delay(50);
        }

        await kills;
        var subscriber = await Recorder.OpenAsync(cluster.NewGateway());
        await subscriber.SubscribeAsync("tweets", new SubscribeOptions { Window = 60_000, From = StartPosition.Start });
        await subscriber.UntilAsync(one => one.Delivered.Select(d => d.Id).Distinct().Count() == batch * 10, $"of {batch * 10} tweets not all came");
        Assert.Equal(subscriber.Delivered.Select(d => d.Sequence).Distinct().Count(), subscriber.Delivered.Count);

        // A batch whose outcome was unknown is written again, and that is a change of its own; nothing else comes twice.
        var created = new HashSet<string>();
        var repeated = subscriber.Delivered.Count(d => !created.Add(d.Id));
        Assert.InRange(repeated, 0, Unknown * 10);
    }

    private int Unknown => Volatile.Read(ref _unknown);

    private async Task SurelyAsync(MongoTweetCollection tweets, long batch, List<ScoredTweet> written)
    {
        while (true)
        {
            try
            {
                await tweets.WriteAsync(1, batch, written, default);
                return;
            }
            catch (StoreUnavailableException)
            {
                // The driver waits for the server by itself.
                Interlocked.Increment(ref _unknown);
            }
        }
    }

    private static async Task<ChangeBatch> ReadAsync(MongoChangeSource source, string position, int count)
    {
        await using var reader = await source.OpenAsync(position, default);
        var changes = new List<Change>();
        using var deadline = new CancellationTokenSource(Recorder.Deadline);
        while (changes.Count < count)
        {
            var batch = await reader.ReadAsync(deadline.Token);
            changes.AddRange(batch.Changes);
            position = batch.Position;
        }

        return new ChangeBatch(changes, position);
    }

    private static async Task<TopicStats> StatsAsync(TestCluster cluster, string topic) => (await cluster.Topic(topic).GetStatsAsync()).Stats!;

    private MongoTweets Mongo(MongoClient client) => new(client, new MongoTweetOptions { Database = _database, Timeout = TimeSpan.FromSeconds(5) });

    private Task<TestCluster> StartAsync(MongoClient client, short silos) => TestCluster.StartAsync(silos, more: silo =>
        silo.Services.AddSingleton<IChangeSource>(new MongoChangeSource(Mongo(client))).AddChangeFeed());

    private static ScoredTweet Tweet(long id) => new() { Id = id, UserId = 7, Text = "t"u8.ToArray() };
}
