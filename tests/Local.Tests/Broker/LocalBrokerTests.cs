using Rookery.Broker;
using static Rookery.Local.Tests.BrokerFixture;

namespace Rookery.Local.Tests;

public class LocalBrokerTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public async Task A_burst_of_publishes_keeps_every_event(int count)
    {
        await using var broker = await Open(new FaultyFiles());
        var subscriber = await TestClient.Open(broker);
        var publisher = await TestClient.Open(broker);
        await subscriber.Subscribe("t");

        // Back to back, none waiting for another.
        var results = await Task.WhenAll(Enumerable.Range(1, count).Select(n => publisher.Publish("t", $"{n}")));
        Assert.All(results, result => Assert.Equal(Outcome.Done, result.Outcome));

        var deliveries = await subscriber.Expect(count);
        Assert.Equal(Enumerable.Range(1, count).Select(n => $"{n}"), deliveries.Select(delivery => delivery.Id));
        Assert.Equal(count, (await subscriber.Ack("t", 1, count)).Count);
    }

    [Fact]
    public async Task Batches_share_commits()
    {
        var files = new FaultyFiles();
        await using var broker = await Open(files);
        var publisher = await TestClient.Open(broker);
        await publisher.Publish("t", "first");
        using var held = new ManualResetEventSlim();
        files.Before = operation =>
        {
            if (operation.StartsWith("sync 0", StringComparison.Ordinal))
            {
                held.Wait(TestClient.Deadline);
            }
        };
        var syncs = files.Count("sync 0");
        var publishes = Enumerable.Range(0, 500).Select(n => publisher.Publish($"t{n % 5}", $"{n}")).ToList();
        held.Set();
        await Task.WhenAll(publishes);
        Assert.InRange(files.Count("sync 0") - syncs, 1, 100);
    }

    [Fact]
    public async Task Many_topics_work_in_parallel()
    {
        await using var broker = await Open(new FaultyFiles());
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async t =>
        {
            var client = await TestClient.Open(broker);
            await client.Subscribe($"t{t}");
            for (var n = 0; n < 10; n++)
            {
                await client.Publish($"t{t}", $"{n}");
            }

            var deliveries = await client.Expect(10);
            Assert.Equal(Enumerable.Range(0, 10).Select(n => $"{n}"), deliveries.Select(delivery => delivery.Id));
        }));
        var stats = await broker.GetStatsAsync(default);
        Assert.Equal((200, 200, 2000L), (stats.Topics, stats.Sessions, stats.Published));
    }

    [Fact]
    public async Task A_second_session_of_a_name_takes_over_what_the_first_had()
    {
        await using var broker = await Open(new FaultyFiles());
        var first = await TestClient.Open(broker, "alice");
        await first.Subscribe("t");
        await first.Publish("t", "1");
        await first.Expect(1);

        var second = await TestClient.Open(broker, "alice");
        Assert.Equal(SessionEnd.TakenOver, await first.Closed);
        await second.Subscribe("t");
        Assert.Equal(("1", 2), ((await second.Expect(1))[0].Id, second.Deliveries[0].Tries));

        var late = await first.Ack("t", "1");
        Assert.Equal((Outcome.Unavailable, LocalSession.Ended), (late.Outcome, late.Detail));
        await second.Publish("t", "2");
        await second.Expect(2);
        Assert.Single(first.Deliveries);
        Assert.Equal(1, (await broker.GetStatsAsync(default)).Sessions);
    }

    [Fact]
    public async Task Of_many_sessions_that_take_a_name_at_once_one_keeps_it()
    {
        await using var broker = await Open(new FaultyFiles());
        var clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TestClient.Open(broker, "alice")));
        await JournalFixture.Until(
            () => clients.Count(client => client.Closed.IsCompleted) == 19, "19 of 20 sessions are taken over");
        Assert.Equal(1, (await broker.GetStatsAsync(default)).Sessions);
    }

    [Fact]
    public async Task A_name_belongs_to_its_owner()
    {
        await using var broker = await Open(new FaultyFiles());
        var first = await TestClient.Open(broker, "alice");
        var other = new TestClient();
        await broker.OpenAsync(new SessionIdentity { Name = "alice", Owner = "token 2" }, other, default);
        Assert.False(first.Closed.IsCompleted);
        Assert.Equal(2, (await broker.GetStatsAsync(default)).Sessions);
    }

    [Fact]
    public async Task What_a_session_had_in_flight_when_it_ended_goes_to_the_next()
    {
        await using var broker = await Open(new FaultyFiles());
        var first = await TestClient.Open(broker, "alice");
        await first.Subscribe("t");
        await first.Publish("t", "1");
        await first.Expect(1);
        await first.Session.DisposeAsync();

        var second = await TestClient.Open(broker, "alice");
        await second.Subscribe("t");
        Assert.Equal("1", (await second.Expect(1))[0].Id);
    }

    [Fact]
    public async Task Deliveries_stop_without_credit_and_go_on_when_it_is_granted()
    {
        await using var broker = await Open(new FaultyFiles());
        var client = await TestClient.Open(broker);
        await client.Subscribe("t", new SubscribeOptions { Window = 1000, Credit = 1 });
        await client.Publish("t", "1");
        await client.Publish("t", "2");
        await client.Expect(1);
        Assert.Equal(1, (await broker.GetTopicAsync(TopicName.Parse("t"), default))!.Subscriptions[0].InFlight);

        client.Session.Grant(TopicName.Parse("t"), 1000);
        await client.Expect(2);
    }

    [Fact]
    public async Task A_lease_runs_out_by_the_clock()
    {
        var time = new ManualTimeProvider();
        await using var broker = await Open(new FaultyFiles(), time: time);
        var client = await TestClient.Open(broker);
        await client.Subscribe("t", new SubscribeOptions { Window = 1, LeaseMs = 5_000 });
        await client.Publish("t", "1");
        await client.Expect(1);

        // The answer of the topic shows that the turn which set its timer is over.
        await broker.GetTopicAsync(TopicName.Parse("t"), default);
        await broker.GetTopicAsync(TopicName.Parse("t"), default);
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Single(client.Deliveries);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, (await client.Expect(2))[1].Tries);
    }

    [Fact]
    public async Task Topics_above_the_limit_are_refused_and_the_others_served()
    {
        await using var broker = await Open(new FaultyFiles(), Options with { Limits = new BrokerLimits { MaxTopics = 2 } });
        var client = await TestClient.Open(broker);
        await client.Publish("a", "1");
        await client.Subscribe("b");
        var refused = await client.Publish("c", "1");
        Assert.Equal(Outcome.Refused, refused.Outcome);
        Assert.Contains("2 topics", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(Outcome.Refused, (await client.Subscribe("c")).Outcome);
        Assert.Equal(Outcome.NotSubscribed, (await client.Ack("c", "1")).Outcome);
        Assert.Equal(Outcome.Done, (await client.Publish("b", "1")).Outcome);
    }

    [Fact]
    public async Task An_acknowledgement_makes_no_topic()
    {
        await using var broker = await Open(new FaultyFiles());
        var client = await TestClient.Open(broker);
        Assert.Equal(Outcome.NotSubscribed, (await client.Ack("t", "1")).Outcome);
        Assert.Empty(await broker.GetTopicsAsync(default));
        Assert.Null(await broker.GetTopicAsync(TopicName.Parse("t"), default));
    }

    [Fact]
    public async Task Sessions_above_the_limit_are_refused()
    {
        await using var broker = await Open(new FaultyFiles(), Options with { MaxSessions = 1 });
        var first = await TestClient.Open(broker);
        var exception = await Assert.ThrowsAsync<BrokerUnavailableException>(() => TestClient.Open(broker));
        Assert.Contains("1 sessions", exception.Message, StringComparison.Ordinal);
        await first.Session.DisposeAsync();
        await TestClient.Open(broker);
    }

    [Fact]
    public async Task A_receiver_that_fails_ends_its_session_and_nothing_else()
    {
        await using var broker = await Open(new FaultyFiles());
        var bad = await TestClient.Open(broker);
        bad.OnDelivery = _ => throw new InvalidOperationException("injected");
        var good = await TestClient.Open(broker);
        await bad.Subscribe("t");
        await good.Subscribe("t");
        await good.Publish("t", "1");
        await good.Expect(1);
        Assert.Equal(SessionEnd.Lost, await bad.Closed);
        Assert.Equal(0, broker.Keeper.Recoveries);
    }

    [Fact]
    public async Task Statistics_come_in_order_of_name()
    {
        await using var broker = await Open(new FaultyFiles());
        var client = await TestClient.Open(broker, "alice");
        foreach (var topic in new[] { "b", "a", "C" })
        {
            await client.Subscribe(topic);
            await client.Publish(topic, "1");
        }

        await client.Expect(3);
        await client.Ack("a", "1");
        var topics = await broker.GetTopicsAsync(default);
        Assert.Equal(["C", "a", "b"], topics.Select(topic => topic.Topic));
        Assert.Equal("client:alice", topics[0].Subscriptions[0].Key);
        var stats = await broker.GetStatsAsync(default);
        Assert.Equal(("fsync", 3, 3L, 3L, 1L), (stats.Durability, stats.Topics, stats.Published, stats.Delivered, stats.Acknowledged));
    }

    [Fact]
    public async Task Space_is_given_back_although_one_event_is_stuck()
    {
        var files = new FaultyFiles();
        var options = Options with
        {
            Limits = new BrokerLimits { Retention = new Retention { KeepEvents = 0 } },
            Journal = new JournalOptions { SegmentBytes = 64 << 10 },
        };
        await using var broker = await Open(files, options);
        var silent = await TestClient.Open(broker, "silent");
        await silent.Subscribe("stuck");
        var client = await TestClient.Open(broker, "busy");
        await client.Publish("stuck", "s");
        await client.Subscribe("t");
        var message = new string('m', 1000);
        for (var n = 1; n <= 40; n++)
        {
            await client.Execute("t", commands =>
            {
                for (var i = 0; i < 20; i++)
                {
                    TestClient.Add(commands, "e", message);
                }
            });
            await client.Expect(n * 20);
            await client.Ack("t", ((n - 1) * 20) + 1, n * 20);
        }

        await JournalFixture.Until(
            () => files.List().Count(name => name.EndsWith(".segment", StringComparison.Ordinal)) <= 4, "segments are given back");
        Assert.DoesNotContain("0000000001.segment", files.List());
        await using var after = await Open(files.PowerLoss(), options);
        var again = await TestClient.Open(after, "silent");
        await again.Subscribe("stuck");
        Assert.Equal("s", (await again.Expect(1))[0].Id);
    }
}
