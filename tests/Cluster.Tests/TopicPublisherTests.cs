using System.Text;
using Rookery.Broker;
using Rookery.Grains;

namespace Rookery.Cluster.Tests;

/// <summary>The cluster's own parts publish without a gateway.</summary>
public sealed class TopicPublisherTests
{
    [Fact]
    public async Task Parts_of_the_cluster_publish_without_a_gateway_and_what_is_done_is_durable()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var publisher = Publisher(cluster);
        var commands = Batch(1, 2, 3);
        Assert.Equal(Outcome.Done, (await publisher.PublishAsync(commands, "feed", CancellationToken.None)).Outcome);
        Assert.Equal([1L, 2, 3], [.. Results(commands).Select(one => one.Sequence)]);

        await cluster.Silos.KillSiloAsync(cluster.SiloOf("t"));
        var again = Batch(2, 3, 4);
        Assert.Equal(Outcome.Done, (await publisher.PublishAsync(again, "feed", CancellationToken.None)).Outcome);
        Assert.Equal([Outcome.Repeated, Outcome.Repeated, Outcome.Done], [.. Results(again).Select(one => one.Outcome)]);
        var subscriber = await Recorder.OpenAsync(cluster.NewGateway());
        await subscriber.SubscribeAsync("t", new SubscribeOptions { Window = 10, From = StartPosition.Start });
        await subscriber.UntilAsync(one => one.Delivered.Count == 4, "what was published did not come");
        Assert.Equal(["1", "2", "3", "4"], subscriber.Delivered.Select(one => one.Id));
    }

    [Fact]
    public async Task A_producer_of_the_cluster_is_not_the_client_that_has_its_name()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await Recorder.OpenAsync(cluster.NewGateway(), new SessionIdentity { Producer = "feed" });
        Assert.Equal(Outcome.Done, (await client.PublishAsync("t", "x", number: 100)).Outcome);
        var commands = Batch(1);
        await Publisher(cluster).PublishAsync(commands, "feed", CancellationToken.None);
        Assert.Equal(Outcome.Done, commands.Results[0].Outcome);
    }

    [Fact]
    public async Task A_write_of_unknown_outcome_is_repeated_where_events_are_numbered_and_told_where_they_are_not()
    {
        var storage = new SharedStorage();
        await using var cluster = await TestCluster.StartAsync(storage: storage);
        var publisher = Publisher(cluster);
        await publisher.PublishAsync(Batch(1), "feed", CancellationToken.None);

        // The write happens, and its reply is lost.
        FailOnceAfterWrite(storage);
        var numbered = Batch(2);
        Assert.Equal(Outcome.Done, (await publisher.PublishAsync(numbered, "feed", CancellationToken.None)).Outcome);
        Assert.Equal((Outcome.Repeated, 2L), (numbered.Results[0].Outcome, numbered.Results[0].Sequence));

        FailOnceAfterWrite(storage);
        var plain = Batch(0);
        Assert.Equal(Outcome.Unknown, (await publisher.PublishAsync(plain, null, CancellationToken.None)).Outcome);
        Assert.Equal(Outcome.Unknown, plain.Results[0].Outcome);
    }

    [Fact]
    public async Task A_topic_that_cannot_be_recovered_is_tried_until_the_deadline_and_not_executed_for_certain()
    {
        var storage = new SharedStorage { Before = (operation, _) => operation == "read" ? throw new IOException("no") : Task.CompletedTask };
        await using var cluster = await TestCluster.StartAsync(storage: storage);
        var publisher = Publisher(cluster);
        var commands = Batch(1);
        var end = await publisher.PublishAsync(commands, "feed", CancellationToken.None);
        Assert.Equal(Outcome.Unavailable, end.Outcome);
        Assert.Contains("cannot be recovered", end.Detail, StringComparison.Ordinal);

        storage.Before = null;
        Assert.Equal(Outcome.Done, (await publisher.PublishAsync(commands, "feed", CancellationToken.None)).Outcome);
    }

    [Fact]
    public async Task An_event_that_can_never_be_stored_does_not_hold_up_those_behind_it()
    {
        await using var cluster = await TestCluster.StartAsync(
            options: TestCluster.Options with { Limits = new BrokerLimits { MaxMessageBytes = 10 } });
        var commands = Batch(1);
        commands.Publish("\"2\""u8, Encoding.UTF8.GetBytes($"\"{new string('x', 20)}\""), number: 2);
        commands.Publish("\"3\""u8, "3"u8, number: 3);
        Assert.Equal(Outcome.Done, (await Publisher(cluster).PublishAsync(commands, "feed", CancellationToken.None)).Outcome);
        Assert.Equal([Outcome.Done, Outcome.Invalid, Outcome.Done], [.. Results(commands).Select(one => one.Outcome)]);

        // Nor itself, where nothing is behind it.
        var last = Batch();
        last.Publish("\"4\""u8, Encoding.UTF8.GetBytes($"\"{new string('x', 20)}\""), number: 4);
        Assert.Equal(Outcome.Done, (await Publisher(cluster).PublishAsync(last, "feed", CancellationToken.None)).Outcome);
    }

    private static void FailOnceAfterWrite(SharedStorage storage) => storage.After = (operation, key) =>
    {
        if (operation == "write" && key.Contains("topiclog", StringComparison.Ordinal) && !key.EndsWith("head", StringComparison.Ordinal))
        {
            storage.After = null;
            throw new IOException("the reply is lost");
        }

        return Task.CompletedTask;
    };

    private static TopicPublisher Publisher(TestCluster cluster) =>
        new(cluster.Silos.Client, new TopicPublisherOptions { Deadline = TimeSpan.FromSeconds(20), Attempt = TimeSpan.FromSeconds(5) });

    private static List<CommandResult> Results(TopicCommands commands) => [.. commands.Results];

    private static TopicCommands Batch(params ReadOnlySpan<long> numbers)
    {
        var commands = new TopicCommands();
        commands.Reset(TopicName.Parse("t"), 0);
        foreach (var number in numbers)
        {
            commands.Publish(Encoding.UTF8.GetBytes($"\"{number}\""), "\"m\""u8, number: number);
        }

        return commands;
    }
}
