using Rookery.Broker;
using Rookery.Grains;

namespace Rookery.Cluster.Tests;

/// <summary>A silo stands still, and its topics cannot know what happened meanwhile.</summary>
public sealed class StandstillTests
{
    private const long Cost = 3 + 3 + Delivery.Overhead;
    private static readonly TopicName Topic = TopicName.Parse("t");
    private const string HeadKey = "topiclog/t/head";
    private readonly JumpingTime _time = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_topic_that_stood_still_looks_whether_it_is_another_silos_before_it_delivers(bool withTheMachine)
    {
        await using var cluster = await TestCluster.StartAsync(time: _time);
        var client = await WithOneOfThreeDeliveredAsync(cluster);

        // Another silo takes the log over while this one sees nothing of the world.
        var store = await TakeOverAsync(cluster);
        (withTheMachine ? (Action<TimeSpan>)_time.Sleep : _time.Jump)(TimeSpan.FromSeconds(2));
        client.Session.Grant(Topic, 9 * Cost);
        await client.UntilAsync(one => one.Delivered.Count == 4, "the successor did not deliver");
        Assert.Equal([1, 1, 2, 3], client.Delivered.Select(d => d.Sequence));
        Assert.Equal(3, LogHead.Read((await store.ReadAsync(LogStore.Head))!.Value.Data).Epoch);
    }

    [Fact]
    public async Task A_topic_that_stands_still_once_more_while_it_looks_does_not_believe_what_it_saw_before()
    {
        await using var cluster = await TestCluster.StartAsync(time: _time);
        var client = await WithOneOfThreeDeliveredAsync(cluster);
        var (read, let) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Storage.Read = key =>
        {
            if (!key.EndsWith(HeadKey, StringComparison.Ordinal))
            {
                return Task.CompletedTask;
            }

            cluster.Storage.Read = null;
            read.SetResult();
            return let.Task;
        };
        _time.Jump(TimeSpan.FromSeconds(2));
        client.Session.Grant(Topic, 9 * Cost);
        await read.Task.WaitAsync(Recorder.Deadline);

        // The head was its own. Before it hears that, it stands still again, and another silo takes the log over.
        await TakeOverAsync(cluster);
        _time.Jump(TimeSpan.FromSeconds(2));
        let.SetResult();
        await client.UntilAsync(one => one.Delivered.Count == 4, "the successor did not deliver");
        Assert.Equal([1, 1, 2, 3], client.Delivered.Select(d => d.Sequence));
    }

    [Fact]
    public async Task A_topic_that_nobody_used_while_it_stood_still_looks_too()
    {
        await using var cluster = await TestCluster.StartAsync(time: _time);
        var named = new SessionIdentity { Name = "alice" };
        var gateway = cluster.NewGateway();
        var client = await Recorder.OpenAsync(gateway, named);
        await client.SubscribeAsync("t");
        Assert.Equal(Outcome.Done, (await client.PublishAsync("t", "1")).Outcome);
        await client.UntilAsync(one => one.Delivered.Count == 1, "the event did not come");
        await client.Session.DisposeAsync();
        Assert.True(cluster.Silos.TryGetGrainContext(cluster.Topic("t").GetGrainId(), out var context));
        await Eventually.HoldsAsync(() => !((TopicGrain)context.GrainInstance!).LooksAtTheClock);

        // Its successor has seen the acknowledgement, as far as this one can know.
        await TakeOverAsync(cluster);
        _time.Jump(TimeSpan.FromSeconds(20));
        var (looked, lookedBefore) = (false, false);
        cluster.Storage.Read = key =>
        {
            looked |= key.EndsWith(HeadKey, StringComparison.Ordinal);
            return Task.CompletedTask;
        };
        var again = await Recorder.OpenAsync(gateway, named, (_, _) => lookedBefore = looked);
        await again.SubscribeAsync("t");
        await again.UntilAsync(one => one.Delivered.Count == 1, "the event did not come again");
        Assert.True(lookedBefore);
    }

    [Fact]
    public async Task A_look_that_fails_in_no_way_that_was_thought_of_ends_the_activation_and_the_next_one_delivers()
    {
        await using var cluster = await TestCluster.StartAsync(time: _time);
        var client = await WithOneOfThreeDeliveredAsync(cluster);
        cluster.Storage.Before = (what, key) =>
        {
            if (what == "read" && key.EndsWith(HeadKey, StringComparison.Ordinal))
            {
                cluster.Storage.Before = null;
                throw new InsufficientMemoryException("for this once");
            }

            return Task.CompletedTask;
        };
        _time.Jump(TimeSpan.FromSeconds(2));
        client.Session.Grant(Topic, 9 * Cost);
        await client.UntilAsync(one => one.Delivered.Count == 4, "nothing is delivered any more");
        Assert.Equal([1, 1, 2, 3], client.Delivered.Select(d => d.Sequence));
    }

    private static async Task<Recorder> WithOneOfThreeDeliveredAsync(TestCluster cluster)
    {
        var client = await Recorder.OpenAsync(cluster.NewGateway());
        await client.SubscribeAsync("t", new SubscribeOptions { Window = 10, Credit = Cost });
        foreach (var id in new[] { "1", "2", "3" })
        {
            Assert.Equal(Outcome.Done, (await client.PublishAsync("t", id)).Outcome);
        }

        await client.UntilAsync(one => one.Delivered.Count == 1, "the first event did not come");
        return client;
    }

    /// <summary>As another silo would that believes this one dead.</summary>
    private static async Task<LogStore> TakeOverAsync(TestCluster cluster)
    {
        var store = new LogStore(Topic, cluster.Storage, TimeSpan.FromSeconds(5), TimeProvider.System);
        await new LogCleaner(store, new LogOptions(), TimeProvider.System, [], () => 0, _ => { }).TakeOverAsync();
        return store;
    }
}
