using System.Collections.Concurrent;
using Rookery.Broker;

namespace Rookery.Cluster.Tests;

/// <summary>Silos and topics fail and move while clients are at work.</summary>
public sealed class SiloFailureTests
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

            await publisher.PublishSurelyAsync("load", i, confirmed);
        }

        // An acknowledgement whose outcome is unknown may have counted, so it is the topic that says whether all are settled.
        await Eventually.HoldsAsync(async () => await one.StatsAsync("load") is { Subscriptions: [{ Waiting: 0, InFlight: 0 }] });
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
        await publisher.PublishSurelyAsync("t", 2, []);
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

            await subscriber.MoreAsync(settled, stop);
        }
    }
}
