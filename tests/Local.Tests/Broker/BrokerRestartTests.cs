using Rookery.Broker;
using static Rookery.Local.Tests.BrokerFixture;

namespace Rookery.Local.Tests;

public class BrokerRestartTests
{
    [Fact]
    public async Task A_named_subscription_outlives_the_broker_and_collects_events_meanwhile()
    {
        using var folder = new TemporaryFolder();
        await using (var broker = await Open(folder.Path))
        {
            var alice = await TestClient.Open(broker, "alice");
            await alice.Subscribe("t");
            await alice.Session.DisposeAsync();
            var bob = await TestClient.Open(broker);
            await bob.Publish("t", "1");
        }

        await using (var broker = await Open(folder.Path))
        {
            await (await TestClient.Open(broker)).Publish("t", "2");
            var alice = await TestClient.Open(broker, "alice");
            Assert.False((await alice.Subscribe("t")).Flag);
            var deliveries = await alice.Expect(2);
            Assert.Equal([("1", 1L), ("2", 2L)], deliveries.Select(delivery => (delivery.Id, delivery.Sequence)));
        }
    }

    [Fact]
    public async Task After_a_power_loss_the_unacknowledged_are_back_and_the_acknowledged_are_not()
    {
        var files = new FaultyFiles();
        await using var broker = await Open(files);
        await Fill(broker);
        await using var after = await Open(files.PowerLoss());
        await AssertBack(after);
    }

    [Fact]
    public async Task The_same_after_a_kill_which_the_copied_folder_of_a_live_broker_shows()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Open(folder.Path);
        await Fill(broker);
        using var copy = TemporaryFolder.CopyOf(folder.Path);
        await using var after = await Open(copy.Path);
        await AssertBack(after);
    }

    [Fact]
    public async Task Subscriptions_of_connections_end_with_the_process_and_named_ones_do_not()
    {
        var files = new FaultyFiles();
        await using var broker = await Open(files);
        await (await TestClient.Open(broker)).Subscribe("t");
        await (await TestClient.Open(broker, "alice")).Subscribe("t");
        await (await TestClient.Open(broker)).Subscribe("t", new SubscribeOptions { Group = "g" });
        await using var after = await Open(files.PowerLoss());
        var topic = await after.GetTopicAsync(TopicName.Parse("t"), default);
        Assert.Equal(["client:alice", "group:g"], topic!.Subscriptions.Select(subscription => subscription.Key));
    }

    [Fact]
    public async Task Everything_confirmed_under_load_is_there_whenever_power_is_lost()
    {
        var files = new FaultyFiles();
        await using var broker = await Open(files);
        var confirmed = new List<string>();
        var snapshots = new List<(string[] Must, FaultyFiles Disk)>();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(async t =>
        {
            var client = await TestClient.Open(broker);
            for (var n = 0; n < 40; n++)
            {
                var result = await client.Publish($"t{t}", $"{t}-{n}", new string('m', 500));
                Assert.Equal(Outcome.Done, result.Outcome);
                lock (confirmed)
                {
                    confirmed.Add($"{t}-{n}");
                    if (n % 10 == 9)
                    {
                        snapshots.Add(([.. confirmed], files.PowerLoss()));
                    }
                }
            }
        }));

        foreach (var (must, disk) in snapshots)
        {
            await using var after = await Open(disk);
            var client = await TestClient.Open(after);
            for (var t = 0; t < 5; t++)
            {
                await client.Subscribe($"t{t}", FromStart());
            }

            await client.Expect(must);
        }
    }

    [Fact]
    public async Task Disposing_while_busy_answers_every_batch_and_keeps_what_was_confirmed()
    {
        using var folder = new TemporaryFolder();
        var broker = await Open(folder.Path);
        var confirmed = 0;
        var started = new TaskCompletionSource();
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TestClient.Open(broker)));
        var work = clients.Select((client, t) => Task.Run(async () =>
        {
            while (true)
            {
                var result = await client.Publish("t", $"{t}");
                if (result.Outcome != Outcome.Done)
                {
                    return result.Outcome;
                }

                if (Interlocked.Increment(ref confirmed) == 50)
                {
                    started.TrySetResult();
                }
            }
        })).ToList();

        await started.Task.WaitAsync(TestClient.Deadline);
        await broker.DisposeAsync();
        var outcomes = await Task.WhenAll(work).WaitAsync(TestClient.Deadline);
        Assert.All(outcomes, outcome => Assert.Equal(Outcome.Unavailable, outcome));
        Assert.All(clients, client => Assert.Equal(SessionEnd.ShuttingDown, client.Closed.Result));

        await using var again = await Open(folder.Path);
        Assert.Equal(confirmed, (await again.GetTopicAsync(TopicName.Parse("t"), default))!.LastSequence);
    }

    [Fact]
    public async Task A_stopped_broker_refuses_sessions_and_commands()
    {
        var broker = await Open(new FaultyFiles());
        var client = await TestClient.Open(broker);
        await broker.DisposeAsync();
        await broker.DisposeAsync();
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => TestClient.Open(broker));
        var result = await client.Publish("t", "1");
        Assert.Equal(Outcome.Unavailable, result.Outcome);
        await client.Session.DisposeAsync();
    }

    [Fact]
    public async Task Two_brokers_never_share_a_folder()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Open(folder.Path);
        var exception = await Assert.ThrowsAsync<FolderInUseException>(() => Open(folder.Path));
        Assert.Contains("in use by another process", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_opened_by_the_program_stays_the_programs()
    {
        using var folder = new TemporaryFolder();
        using var opened = DataDirectory.Open(folder.Path);
        await using (var broker = await Open("unused", Options with { Opened = opened }))
        {
            await (await TestClient.Open(broker)).Publish("t", "1");
        }

        Assert.Throws<FolderInUseException>(() => DataDirectory.Open(folder.Path));
        Assert.True(Directory.Exists(opened.PathOf("journal")));
    }

    [Fact]
    public async Task A_wrong_option_is_named()
    {
        var exception = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Open("unused", Options with { MaxSessions = 0 }));
        Assert.Contains("MaxSessions is 0; it must be between 1", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Publishes ten events to alice, of which three are acknowledged and the others in flight.</summary>
    private static async Task Fill(LocalBroker broker)
    {
        var alice = await TestClient.Open(broker, "alice");
        await alice.Subscribe("t");
        for (var n = 1; n <= 10; n++)
        {
            await alice.Publish("t", $"{n}");
        }

        await alice.Expect(10);
        Assert.Equal(2, (await alice.Ack("t", 2, 3)).Count);
        Assert.Equal(Outcome.Done, (await alice.Ack("t", "7")).Outcome);
    }

    private static async Task AssertBack(LocalBroker broker)
    {
        var alice = await TestClient.Open(broker, "alice");
        await alice.Subscribe("t");
        var deliveries = await alice.Expect(7);
        Assert.Equal([1L, 4, 5, 6, 8, 9, 10], deliveries.Select(delivery => delivery.Sequence));
        Assert.Equal(Outcome.Done, (await alice.Publish("t", "11")).Outcome);
        Assert.Equal(11, (await alice.Expect(8))[7].Sequence);
    }
}
