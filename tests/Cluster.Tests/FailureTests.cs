using System.Collections.Concurrent;
using Rookery.Broker;

namespace Rookery.Cluster.Tests;

/// <summary>Silos, gateways and storage fail while clients are at work.</summary>
public sealed class FailureTests
{
    [Fact]
    public async Task A_silo_is_killed_under_load_and_nothing_confirmed_is_lost_or_comes_back()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 3);
        var (one, other) = (cluster.NewGateway(), cluster.NewGateway());
        var acknowledged = new ConcurrentDictionary<string, bool>();
        var afterAck = new ConcurrentBag<string>();
        var subscriber = await Recorder.OpenAsync(
            other,
            new SessionIdentity { Name = "alice" },
            (id, _) =>
            {
                if (acknowledged.ContainsKey(id))
                {
                    afterAck.Add(id);
                }
            });
        await subscriber.SubscribeAsync("load");
        using var stop = new CancellationTokenSource();
        var settling = SettleAsync(subscriber, acknowledged, stop.Token);
        var publisher = await Recorder.OpenAsync(one, new SessionIdentity { Producer = "p" });
        var confirmed = new List<string>();

        for (var i = 1; i <= 1500; i++)
        {
            if (i is 500 or 1000)
            {
                await cluster.Silos.KillSiloAsync(cluster.SiloOf("load"));
            }

            await PublishSurelyAsync(publisher, "load", i, confirmed);
        }

        // An acknowledgement whose outcome is unknown may have counted, so it is the topic that says whether all are settled.
        await EventuallyAsync(async () => await StatsAsync(one, "load") is { Subscriptions: [{ Waiting: 0, InFlight: 0 }] });
        Assert.Subset(subscriber.Delivered.Select(d => d.Id).ToHashSet(), confirmed.ToHashSet());
        await stop.CancelAsync();
        await settling;
        Assert.Equal(1500, confirmed.Count);
        Assert.True(afterAck.IsEmpty, $"{afterAck.Count} of {confirmed.Count}: {string.Join(" ", afterAck.Order())}");
        var stats = await one.GetTopicAsync(TopicName.Parse("load"), CancellationToken.None);
        Assert.Equal(1500, stats!.LastSequence);
    }

    [Fact]
    public async Task A_subscription_without_a_name_survives_the_silo_of_its_topic()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var broker = cluster.NewGateway();
        var subscriber = await Recorder.OpenAsync(broker);
        var publisher = await Recorder.OpenAsync(broker, new SessionIdentity { Producer = "p" });
        await subscriber.SubscribeAsync("t");
        await publisher.PublishAsync("t", "1");
        await subscriber.UntilAsync(one => one.Delivered.Count == 1, "the first event did not come");
        await cluster.Silos.KillSiloAsync(cluster.SiloOf("t"));
        await PublishSurelyAsync(publisher, "t", 2, []);
        await subscriber.UntilAsync(one => one.Delivered.Count(d => d.Sequence == 1) == 2, "what was in flight did not come again");
        await subscriber.UntilAsync(one => one.Delivered.Any(d => d.Sequence == 2), "the event published behind the failure did not come");
        Assert.Equal(1, (await subscriber.AcknowledgeAsync("t", 1)).Count);
    }

    [Fact]
    public async Task A_topic_moves_and_its_subscribers_stay()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var broker = cluster.NewGateway();
        var subscriber = await Recorder.OpenAsync(broker);
        await subscriber.SubscribeAsync("t");
        for (var i = 1; i <= 5; i++)
        {
            Assert.Equal(Outcome.Done, (await subscriber.PublishAsync("t", $"{i}")).Outcome);
            await subscriber.UntilAsync(one => one.Delivered.Any(d => d.Sequence == i), $"event {i} did not come");
            await cluster.DeactivateAsync("t");
        }
    }

    [Fact]
    public async Task A_gateway_dies_and_what_it_had_in_flight_goes_to_another_member_of_the_group()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (dying, living) = (cluster.NewGateway(), cluster.NewGateway());
        var group = new SubscribeOptions { Group = "g", Window = 10 };
        var first = await Recorder.OpenAsync(dying);
        await first.SubscribeAsync("t", group);
        var publisher = await Recorder.OpenAsync(living);
        for (var i = 1; i <= 5; i++)
        {
            await publisher.PublishAsync("t", $"{i}");
        }

        await first.UntilAsync(one => one.Delivered.Count == 5, "the events did not come");
        var second = await Recorder.OpenAsync(living);
        await second.SubscribeAsync("t", group);
        await dying.AbandonAsync();
        await second.UntilAsync(one => one.Delivered.Count == 5, "what the dead gateway had did not come");
        Assert.All(second.Delivered, delivery => Assert.Equal(2, delivery.Tries));
    }

    [Fact]
    public async Task An_unnamed_subscription_ends_with_its_gateway()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (dying, living) = (cluster.NewGateway(), cluster.NewGateway());
        await (await Recorder.OpenAsync(dying)).SubscribeAsync("t");
        Assert.Single((await living.GetTopicAsync(TopicName.Parse("t"), CancellationToken.None))!.Subscriptions);
        await dying.AbandonAsync();
        await EventuallyAsync(async () => (await living.GetTopicAsync(TopicName.Parse("t"), CancellationToken.None))!.Subscriptions.Count == 0);
    }

    [Fact]
    public async Task A_gateway_and_a_silo_die_together_and_the_subscription_of_the_session_ends()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var (dying, living) = (cluster.NewGateway(), cluster.NewGateway());
        await (await Recorder.OpenAsync(dying)).SubscribeAsync("t");
        await dying.AbandonAsync();
        await cluster.Silos.KillSiloAsync(cluster.SiloOf("t"));
        await EventuallyAsync(async () => await StatsAsync(living) is { Subscriptions.Count: 0 });
    }

    [Fact]
    public async Task A_name_is_taken_over_from_one_gateway_to_another()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var (one, other) = (cluster.NewGateway(), cluster.NewGateway());
        var older = await Recorder.OpenAsync(one, new SessionIdentity { Name = "alice" });
        await older.SubscribeAsync("t");
        await older.PublishAsync("t", "1");
        await older.UntilAsync(o => o.Delivered.Count == 1, "the event did not come");

        var newer = await Recorder.OpenAsync(other, new SessionIdentity { Name = "alice" });
        Assert.Equal(SessionEnd.TakenOver, older.Closed);
        Assert.False((await newer.SubscribeAsync("t")).Flag);
        await newer.UntilAsync(n => n.Delivered.Count == 1, "what the older session had in flight did not come");
        Assert.Equal(Outcome.Unavailable, (await older.PublishAsync("t", "2")).Outcome);
    }

    [Fact]
    public async Task A_name_is_taken_over_although_the_registry_forgot_who_had_it()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 3);
        var (one, other) = (cluster.NewGateway(), cluster.NewGateway());
        var older = await Recorder.OpenAsync(one, new SessionIdentity { Name = "alice" });
        var shard = Grains.Interfaces.RegistryShards.Of(null, "alice");
        await cluster.Silos.DeactivateAsync(cluster.Silos.Client.GetGrain<Grains.Interfaces.ISessionRegistryGrain>(shard).GetGrainId());
        _ = await Recorder.OpenAsync(other, new SessionIdentity { Name = "alice" });
        await older.UntilAsync(o => o.Closed == SessionEnd.TakenOver, "the older session was not told");
    }

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
        await EventuallyAsync(async () => (await client.PublishAsync("t", "4")).Outcome == Outcome.Done);
        await client.UntilAsync(one => one.Delivered.Any(d => d.Id == "4"), "the event did not come");
        Assert.DoesNotContain(client.Delivered, d => d.Id is "2" or "3");
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

        await EventuallyAsync(() => Task.FromResult(cluster.Storage.LogOf("t").Count(one => one.Key != "head" && one.Value > 0) <= 200));
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
        await EventuallyAsync(() => Task.FromResult(cluster.Storage.LogOf("t").Values.Count(length => length == 4096) >= 2));
        await cluster.DeactivateAsync("t");
        var stats = await StatsAsync(broker);
        Assert.Equal(names.Select(name => $"client:{name}").Order(), stats!.Subscriptions.Select(one => one.Key).Order());
    }

    [Fact]
    public async Task A_topic_that_stood_still_looks_whether_it_is_another_silos_before_it_delivers()
    {
        var time = new JumpingTime();
        await using var cluster = await TestCluster.StartAsync(time: time);
        var client = await Recorder.OpenAsync(cluster.NewGateway());
        const long cost = 3 + 3 + Delivery.Overhead;
        await client.SubscribeAsync("t", new SubscribeOptions { Window = 10, Credit = cost });
        foreach (var id in new[] { "1", "2", "3" })
        {
            Assert.Equal(Outcome.Done, (await client.PublishAsync("t", id)).Outcome);
        }

        await client.UntilAsync(one => one.Delivered.Count == 1, "the first event did not come");

        // Another silo takes the log over while this one sees nothing of the world.
        var store = new Grains.LogStore(TopicName.Parse("t"), cluster.Storage, TimeSpan.FromSeconds(5), TimeProvider.System);
        await new Grains.LogCleaner(store, new Grains.LogOptions(), TimeProvider.System, [], () => 0, _ => { }).TakeOverAsync();
        time.Jump(TimeSpan.FromSeconds(2));
        client.Session.Grant(TopicName.Parse("t"), 9 * cost);
        await client.UntilAsync(one => one.Delivered.Count == 4, "the successor did not deliver");
        Assert.Equal([1, 1, 2, 3], client.Delivered.Select(d => d.Sequence));
        Assert.Equal(3, Grains.LogHead.Read((await store.ReadAsync(Grains.LogStore.Head))!.Value.Data).Epoch);
    }

    [Fact]
    public async Task A_numbered_publish_caught_by_the_death_of_a_silo_is_said_again_by_the_gateway()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var client = await Recorder.OpenAsync(cluster.NewGateway(), new SessionIdentity { Producer = "p" });
        Assert.Equal(Outcome.Done, (await client.PublishAsync("t", "1", 1)).Outcome);
        var written = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        cluster.Storage.After = (what, key) =>
        {
            if (what == "write" && key.EndsWith("topiclog/t/2", StringComparison.Ordinal))
            {
                cluster.Storage.After = null;
                written.SetResult();
                return never.Task;
            }

            return Task.CompletedTask;
        };
        var caught = client.PublishAsync("t", "2", 2);
        await written.Task.WaitAsync(Recorder.Deadline);
        await cluster.Silos.KillSiloAsync(cluster.SiloOf("t"));
        Assert.Equal((Outcome.Repeated, 2), ((await caught).Outcome, (await caught).Sequence));
        Assert.Equal((Outcome.Done, 3), ((await client.PublishAsync("t", "3", 3)) is var last ? (last.Outcome, last.Sequence) : default));
    }

    [Fact]
    public async Task While_the_cluster_is_lost_commands_are_refused_at_once_and_it_is_found_again_without_any()
    {
        await using var cluster = await TestCluster.StartAsync();
        var broker = cluster.NewGateway(TestCluster.GatewayOptions with { MaxRetryDelay = TimeSpan.FromSeconds(1) });
        var client = await Recorder.OpenAsync(broker);
        broker.ClusterLost();
        var refused = client.PublishAsync("t", "1");
        Assert.True(refused.IsCompleted);
        Assert.Equal(Outcome.Unavailable, (await refused).Outcome);
        await EventuallyAsync(() => Task.FromResult(broker.IsReachable));
        Assert.Equal(Outcome.Done, (await client.PublishAsync("t", "1")).Outcome);
    }

    [Fact]
    public async Task A_topic_beyond_the_limit_is_refused()
    {
        var options = TestCluster.Options with { Limits = new BrokerLimits { MaxTopics = 2 } };
        await using var cluster = await TestCluster.StartAsync(options: options);
        var client = await Recorder.OpenAsync(cluster.NewGateway());
        Assert.Equal(Outcome.Done, (await client.PublishAsync("a", "1")).Outcome);
        Assert.Equal(Outcome.Done, (await client.PublishAsync("b", "1")).Outcome);
        var refused = await client.PublishAsync("c", "1");
        Assert.Equal(Outcome.Refused, refused.Outcome);
        Assert.Contains("2 topics", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(Outcome.Done, (await client.PublishAsync("a", "2")).Outcome);
    }

    [Fact]
    public async Task Credit_bounds_what_is_sent_and_more_credit_lets_it_go_on()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await Recorder.OpenAsync(cluster.NewGateway());
        var cost = 3 + 3 + Delivery.Overhead;
        await client.SubscribeAsync("t", new SubscribeOptions { Window = 1000, Credit = 3 * cost });
        for (var i = 1; i <= 9; i++)
        {
            await client.PublishAsync("t", $"{i}");
        }

        await client.UntilAsync(one => one.Delivered.Count == 3, "the credit was not used");
        client.Session.Grant(TopicName.Parse("t"), 4 * cost);
        await client.UntilAsync(one => one.Delivered.Count == 7, "the grant was not used");
        await cluster.DeactivateAsync("t");
        client.Session.Grant(TopicName.Parse("t"), 9 * cost);
        await client.UntilAsync(one => one.Delivered.Any(d => d.Id == "9"), "a grant behind a move was not used");
    }

    /// <summary>Publishes with a number until it is confirmed.</summary>
    private static async Task PublishSurelyAsync(Recorder publisher, string topic, int number, List<string> confirmed)
    {
        for (var deadline = DateTime.UtcNow + Recorder.Deadline; ;)
        {
            var result = await publisher.PublishAsync(topic, $"{number}", number);
            if (result.Outcome is Outcome.Done or Outcome.Repeated)
            {
                confirmed.Add($"{number}");
                return;
            }

            Assert.True(DateTime.UtcNow < deadline, $"event {number} could not be published: {result.Outcome} {result.Detail}");
        }
    }

    private static async Task SettleAsync(Recorder subscriber, ConcurrentDictionary<string, bool> acknowledged, CancellationToken stop)
    {
        var settled = 0;
        while (!stop.IsCancellationRequested)
        {
            foreach (var delivery in subscriber.Delivered.Skip(settled).ToList())
            {
                settled++;
                var result = await subscriber.AcknowledgeAsync("load", delivery.Sequence);
                if (result is { Outcome: Outcome.Done, Count: 1 })
                {
                    acknowledged[delivery.Id] = true;
                }
            }

            await Task.Delay(5, CancellationToken.None);
        }
    }

    private static async Task<TopicStats?> StatsAsync(BrokerGateway.ClusterBroker broker, string topic = "t")
    {
        try
        {
            return await broker.GetTopicAsync(TopicName.Parse(topic), CancellationToken.None);
        }
        catch (BrokerUnavailableException)
        {
            return null;
        }
    }

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow + Recorder.Deadline; !await holds(); await Task.Delay(50))
        {
            Assert.True(DateTime.UtcNow < deadline, $"it did not come to be within {Recorder.Deadline}");
        }
    }
}
