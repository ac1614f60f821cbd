using Orleans.Configuration;
using Rookery.Broker;

namespace Rookery.Cluster.Tests;

/// <summary>More calls than a grain may have waiting.</summary>
public sealed class OverloadTests
{
    private const int Most = 8;

    [Fact]
    public async Task A_topic_with_more_calls_waiting_than_it_may_have_refuses_more_says_why_counts_them_and_recovers()
    {
        await using var cluster = await TestCluster.StartAsync(more: silo => silo.Configure<SiloMessagingOptions>(messaging =>
            (messaging.MaxEnqueuedRequestsSoftLimit, messaging.MaxEnqueuedRequestsHardLimit) = (Most, Most)));
        var options = TestCluster.GatewayOptions with { CallTimeout = TimeSpan.FromSeconds(3), AttemptTimeout = TimeSpan.FromSeconds(3) };

        // Each gateway has one call on its way to the topic, so it takes more gateways than calls.
        var clients = new List<Recorder>();
        for (var i = 0; i < Most + 8; i++)
        {
            clients.Add(await Recorder.OpenAsync(cluster.NewGateway(options)));
            Assert.Equal(Outcome.Done, (await clients[i].PublishAsync("t", $"{i}")).Outcome);
        }

        using var refused = new Counted("rookery.gateway.calls_refused");
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Storage.Before = (what, key) => what == "write" && key.Contains("topiclog/t/", StringComparison.Ordinal) ? goOn.Task : Task.CompletedTask;
        var results = await Task.WhenAll(clients.Select((client, i) => client.PublishAsync("t", $"more {i}"))).WaitAsync(Recorder.Deadline);
        var told = results.Where(result => result.Outcome == Outcome.Unavailable).ToList();
        Assert.NotEmpty(told);
        Assert.All(told, result => Assert.Equal("the topic cannot be reached: it has more calls waiting than it may have; try again later", result.Detail));

        // The others were taken, and what becomes of them is not known while storage does not answer.
        Assert.All(results.Except(told), result => Assert.Equal(Outcome.Unknown, result.Outcome));
        Assert.True(refused.Count >= told.Count, $"{refused.Count} were counted, {told.Count} told");
        cluster.Storage.Before = null;
        goOn.SetResult();
        foreach (var client in clients)
        {
            await Eventually.HoldsAsync(async () => (await client.PublishAsync("t", "again")).Outcome == Outcome.Done);
        }
    }
}
