using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.Cluster.Tests;

/// <summary>Storage fails, for one write or for a while, and logs are kept short and recovered.</summary>
public sealed class StorageFailureTests
{
    [Fact]
    public async Task A_write_that_fails_is_unknown_and_the_topic_goes_on_from_what_is_stored()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await Recorder.OpenAsync(cluster.NewGateway());
        await client.SubscribeAsync("t");
        Assert.Equal(Outcome.Done, (await client.PublishAsync("t", "1")).Outcome);
        var failures = 1;
        cluster.Storage.Before = (what, key) =>
            what == "write" && key.Contains("topiclog/t/", StringComparison.Ordinal) && Interlocked.Decrement(ref failures) >= 0
                ? throw new TimeoutException("no majority") : Task.CompletedTask;
        Assert.Equal(Outcome.Unknown, (await client.PublishAsync("t", "lost")).Outcome);
        Assert.Equal(Outcome.Done, (await client.PublishAsync("t", "2")).Outcome);
        await client.UntilAsync(one => one.Delivered.Any(d => d is { Id: "2", Sequence: 2 }), "the event behind the failure did not come");
        Assert.DoesNotContain(client.Delivered, d => d.Id == "lost");
    }

    [Fact]
    public async Task A_write_that_happened_but_was_not_answered_is_unknown_and_stored_once()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await Recorder.OpenAsync(cluster.NewGateway(), new SessionIdentity { Producer = "p" });
        await client.SubscribeAsync("t");
        Assert.Equal(Outcome.Done, (await client.PublishAsync("t", "1", 1)).Outcome);
        var failures = 1;
        cluster.Storage.After = (what, key) =>
            what == "write" && key.Contains("topiclog/t/", StringComparison.Ordinal) && Interlocked.Decrement(ref failures) >= 0
                ? throw new TimeoutException("the reply was lost") : Task.CompletedTask;
        Assert.Equal(Outcome.Unknown, (await client.PublishAsync("t", "2", 2)).Outcome);
        Assert.Equal(Outcome.Repeated, (await client.PublishAsync("t", "2", 2)).Outcome);
        await client.UntilAsync(one => one.Delivered.Any(d => d.Id == "2"), "the event did not come");
        Assert.Equal(2, (await cluster.NewGateway().GetTopicAsync(TopicName.Parse("t"), CancellationToken.None))!.LastSequence);
    }

    [Fact]
    public async Task Storage_is_gone_for_a_while_and_commands_are_answered_and_then_it_is_back()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await Recorder.OpenAsync(cluster.NewGateway(TestCluster.GatewayOptions with { CallTimeout = TimeSpan.FromSeconds(2) }));
        await client.SubscribeAsync("t");
        Assert.Equal(Outcome.Done, (await client.PublishAsync("t", "1")).Outcome);
        cluster.Storage.Before = (_, _) => throw new TimeoutException("no server");
        Assert.Equal(Outcome.Unknown, (await client.PublishAsync("t", "2")).Outcome);
        var refused = await client.PublishAsync("t", "3");
        Assert.Equal(Outcome.Unavailable, refused.Outcome);
        // The reason is that of the last attempt: the storage's, or that the deadline cut it short.
        Assert.StartsWith("the topic cannot be reached: ", refused.Detail, StringComparison.Ordinal);
        cluster.Storage.Before = null;
        await Eventually.HoldsAsync(async () => (await client.PublishAsync("t", "4")).Outcome == Outcome.Done);
        await client.UntilAsync(one => one.Delivered.Any(d => d.Id == "4"), "the event did not come");
        Assert.DoesNotContain(client.Delivered, d => d.Id is "2" or "3");
    }

    [Fact]
    public async Task A_read_that_fails_is_tried_again_and_no_event_is_passed_over()
    {
        await using var cluster = await TestCluster.StartAsync(options: TestCluster.Options with { CacheBytes = 0 });
        var client = await Recorder.OpenAsync(cluster.NewGateway());
        foreach (var id in new[] { "1", "2", "3" })
        {
            Assert.Equal(Outcome.Done, (await client.PublishAsync("t", id)).Outcome);
        }

        // Whoever recovers has read everything once: what fails are the reads for deliveries.
        await cluster.DeactivateAsync("t");
        Assert.Equal(3, (await cluster.NewGateway().StatsAsync())!.LastSequence);
        var failures = 5;
        cluster.Storage.Before = (what, key) =>
            what == "read" && key.Contains("topiclog/t/", StringComparison.Ordinal) && Interlocked.Decrement(ref failures) >= 0
                ? throw new TimeoutException("no answer") : Task.CompletedTask;
        await client.SubscribeAsync("t", new SubscribeOptions { Window = 10, From = StartPosition.Start });
        await client.UntilAsync(one => one.Delivered.Count == 3, "an event was passed over");
        Assert.True(failures < 0, "nothing was read");
    }

    [Fact]
    public async Task A_recovery_that_fails_for_whatever_reason_is_tried_again()
    {
        // The topic is asked without a gateway, so that nobody else looks at this clock.
        var time = new BrokenTime();
        await using var cluster = await TestCluster.StartAsync(time: time);
        time.Fails = true;
        var topic = cluster.Topic("t");
        var failed = await topic.GetStatsAsync();
        Assert.Equal((LinkStatus.Unavailable, true), (failed.Status, failed.Detail?.Contains("a mistake in the program", StringComparison.Ordinal)));
        await Eventually.HoldsAsync(async () => (await topic.GetStatsAsync()).Status == LinkStatus.Done);
    }

    [Fact]
    public async Task Thousands_of_commits_leave_a_short_log_and_are_all_recovered()
    {
        var options = TestCluster.Options with { Log = new Grains.LogOptions { MaxSmallRecords = 50, HeadEvery = 32 } };
        await using var cluster = await TestCluster.StartAsync(options: options);
        var client = await Recorder.OpenAsync(cluster.NewGateway());
        for (var i = 1; i <= 3000; i++)
        {
            Assert.Equal(Outcome.Done, (await client.PublishAsync("t", $"{i}")).Outcome);
        }

        await Eventually.HoldsAsync(() => cluster.Storage.LogOf("t").Count(one => one.Key != "head" && one.Value > 0) <= 200);
        await cluster.DeactivateAsync("t");
        var reader = await Recorder.OpenAsync(cluster.NewGateway());
        await reader.SubscribeAsync("t", new SubscribeOptions { Window = 5000, From = StartPosition.Start });
        await reader.UntilAsync(one => one.Delivered.Count == 3000, "not all events were recovered");
        Assert.Equal(Enumerable.Range(1, 3000).Select(i => $"{i}"), reader.Delivered.Select(d => d.Id));
    }

    [Fact]
    public async Task A_snapshot_larger_than_a_record_is_written_in_pieces_and_every_subscription_is_recovered()
    {
        var options = TestCluster.Options with { Log = new Grains.LogOptions { RecordBytes = 4096, MaxSmallRecords = 8 } };
        await using var cluster = await TestCluster.StartAsync(options: options);
        var broker = cluster.NewGateway();
        var names = Enumerable.Range(1, 60).Select(i => $"{i}-{new string('n', 180)}").ToList();
        foreach (var name in names)
        {
            var subscriber = await Recorder.OpenAsync(broker, new SessionIdentity { Name = name });
            Assert.Equal(Outcome.Done, (await subscriber.SubscribeAsync("t")).Outcome);
        }

        // Each commit is small, so that they are rewritten soon, with a snapshot behind them.
        await Eventually.HoldsAsync(() => cluster.Storage.LogOf("t").Values.Count(length => length == 4096) >= 2);
        await cluster.DeactivateAsync("t");
        var stats = await broker.StatsAsync();
        Assert.Equal(names.Select(name => $"client:{name}").Order(), stats!.Subscriptions.Select(one => one.Key).Order());
    }

    /// <summary>A clock that throws once it is told to, for what no storage can bring about.</summary>
    private sealed class BrokenTime : TimeProvider
    {
        private int _fails;

        /// <summary>Whether the next look at it fails.</summary>
        public bool Fails { set => Volatile.Write(ref _fails, value ? 1 : 0); }

        public override long GetTimestamp() =>
            Interlocked.Exchange(ref _fails, 0) == 1 ? throw new InvalidOperationException("a mistake in the program") : base.GetTimestamp();
    }
}
