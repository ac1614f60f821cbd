using Rookery.Broker;

namespace Rookery.Cluster.Tests;

/// <summary>What a gateway asks of the cluster as a whole: its names, its topics, whether it serves; where the answers fail.</summary>
public sealed class NamesAndCatalogueTests
{
    [Fact]
    public async Task A_gateway_is_not_ready_while_the_storage_does_not_answer_although_the_catalogue_remembers_its_topics()
    {
        await using var cluster = await TestCluster.StartAsync();
        var broker = cluster.NewGateway();
        Assert.Equal(Outcome.Done, (await (await Recorder.OpenAsync(broker)).PublishAsync("t", "1")).Outcome);
        Assert.Null(await broker.WhyNotReadyAsync());
        cluster.Storage.Before = (_, _) => throw new IOException("no primary");
        await Eventually.HoldsAsync(async () => await broker.WhyNotReadyAsync() == "the storage does not answer");
        cluster.Storage.Before = (_, _) => Task.Delay(Timeout.Infinite);
        Assert.Equal("the storage does not answer", await broker.WhyNotReadyAsync());
        cluster.Storage.Before = null;
        await Eventually.HoldsAsync(async () => await broker.WhyNotReadyAsync() is null);
    }

    [Theory]
    [InlineData("read")]
    [InlineData("write")]
    public async Task A_catalogue_whose_storage_fails_in_no_way_that_was_thought_of_is_asked_again(string what)
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await Recorder.OpenAsync(cluster.NewGateway());
        cluster.Storage.Before = (operation, key) =>
        {
            if (operation == what && key.StartsWith("catalog/", StringComparison.Ordinal))
            {
                cluster.Storage.Before = null;
                throw new InsufficientMemoryException("for this once");
            }

            return Task.CompletedTask;
        };
        Assert.NotEqual(Outcome.Done, (await client.PublishAsync("t", "1")).Outcome);
        Assert.Equal(Outcome.Done, (await client.PublishAsync("t", "1")).Outcome);
    }

    [Fact]
    public async Task A_call_that_a_silo_cancelled_is_not_taken_for_the_wish_of_the_caller_and_names_are_renewed_after_it()
    {
        var (cancels, renewed) = (true, 0);
        await using var cluster = await TestCluster.StartAsync(more: silo => silo.AddIncomingGrainCallFilter(call =>
        {
            if (call.Grain is Grains.Interfaces.ITopicCatalogGrain or Grains.Interfaces.ISessionRegistryGrain && call.MethodName is "GetAsync" or "RenewAsync")
            {
                Interlocked.Increment(ref renewed);
                return Volatile.Read(ref cancels) ? throw new OperationCanceledException("the silo ends") : call.Invoke();
            }

            return call.Invoke();
        }));
        var broker = cluster.NewGateway();
        var session = await Recorder.OpenAsync(broker, new SessionIdentity { Name = "alice" });
        await Assert.ThrowsAsync<BrokerUnavailableException>(async () => await broker.GetTopicsAsync(CancellationToken.None));
        await Eventually.HoldsAsync(() => Volatile.Read(ref renewed) > 6, deadline: Recorder.Deadline);
        Volatile.Write(ref cancels, false);
        var before = Volatile.Read(ref renewed);
        await Eventually.HoldsAsync(() => Volatile.Read(ref renewed) > before + 3, deadline: Recorder.Deadline);
        Assert.Null(session.Closed);
    }

    [Fact]
    public async Task A_gateway_that_was_silent_for_longer_than_its_lease_has_its_names_again_when_it_is_back()
    {
        var (silent, restored, renewed) = (Guid.Empty, 0, 0);
        var shard = Grains.Interfaces.RegistryShards.Of(null, "alice");
        var neighbour = Enumerable.Range(0, 10_000).Select(i => $"n{i}").First(name => Grains.Interfaces.RegistryShards.Of(null, name) == shard);
        BrokerGateway.ClusterBroker one = null!, other = null!;
        await using var cluster = await TestCluster.StartAsync(more: silo => silo.AddIncomingGrainCallFilter(call =>
        {
            if (call.Grain is not Grains.Interfaces.ISessionRegistryGrain || call.TargetId.GetIntegerKey() != shard || call.Request.GetArgument(0) is not Guid gateway)
            {
                return call.Invoke();
            }

            if (gateway == silent)
            {
                throw new TimeoutException("nothing arrives");
            }

            Interlocked.Add(ref renewed, call.MethodName == "RenewAsync" && gateway == other.Id ? 1 : 0);
            Interlocked.Add(ref restored, call.MethodName == "RestoreAsync" && gateway == one.Id ? 1 : 0);
            return call.Invoke();
        }));
        (one, other) = (cluster.NewGateway(), cluster.NewGateway());
        var older = await Recorder.OpenAsync(one, new SessionIdentity { Name = "alice" });
        _ = await Recorder.OpenAsync(other, new SessionIdentity { Name = neighbour });
        await Eventually.HoldsAsync(() => Volatile.Read(ref renewed) > 1);
        silent = one.Id;
        var before = Volatile.Read(ref renewed);
        await Eventually.HoldsAsync(() => Volatile.Read(ref renewed) > before + 10);
        var restoredBefore = Volatile.Read(ref restored);
        silent = Guid.Empty;
        await Eventually.HoldsAsync(() => Volatile.Read(ref restored) > restoredBefore, () => "its names are not restored", Recorder.Deadline);
        _ = await Recorder.OpenAsync(other, new SessionIdentity { Name = "alice" });
        await older.UntilAsync(o => o.Closed == SessionEnd.TakenOver, "the older session was not told");
    }
}
