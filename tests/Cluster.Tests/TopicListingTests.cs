using Rookery.Broker;
using Rookery.Conformance;
using Rookery.Grains.Interfaces;
using Rookery.Wire;

namespace Rookery.Cluster.Tests;

/// <summary>The catalogue of topics and the listing, while some of it cannot be read or written.</summary>
public sealed class TopicListingTests
{
    [Fact]
    public async Task A_topic_that_cannot_be_recovered_is_listed_as_not_ready_and_the_others_with_their_figures()
    {
        await using var cluster = await TestCluster.StartAsync();
        var broker = cluster.NewGateway();
        var client = await Recorder.OpenAsync(broker);
        Assert.Equal(Outcome.Done, (await client.PublishAsync("well", "1")).Outcome);
        Assert.Equal(Outcome.Done, (await client.PublishAsync("ill", "1")).Outcome);
        await cluster.DeactivateAsync("ill");
        cluster.Storage.Before = (what, key) =>
            what == "read" && key.Contains("topiclog/ill/", StringComparison.Ordinal) ? throw new IOException("no primary") : Task.CompletedTask;
        var topics = await broker.GetTopicsAsync(default);
        Assert.Equal(["ill", "well"], topics.Select(topic => topic.Topic));
        Assert.Contains("cannot be recovered", topics[0].NotReady, StringComparison.Ordinal);
        Assert.Equal((null, 1), (topics[1].NotReady, topics[1].LastSequence));

        var server = new BrokerServer(broker, new WireOptions { Port = 0 });
        await using (server)
        {
            await server.StartAsync();
            await using var line = await LineClient.ConnectAsync(server.EndPoint);
            await line.SendAsync("topics");
            var reply = await line.ReadAsync();
            Assert.Contains("\"topic\":\"ill\"", reply, StringComparison.Ordinal);
            Assert.Contains("\"not_ready\":\"topic ill cannot be recovered", reply, StringComparison.Ordinal);
            Assert.Single(reply.Split("not_ready").Skip(1));
        }

        cluster.Storage.Before = null;
        await Eventually.HoldsAsync(async () => (await broker.GetTopicsAsync(default)).All(topic => topic is { NotReady: null, LastSequence: 1 }));
    }

    [Fact]
    public async Task So_many_topics_that_do_not_answer_make_the_listing_unavailable()
    {
        await using var cluster = await TestCluster.StartAsync();
        var broker = cluster.NewGateway();
        var catalogue = cluster.Silos.Client.GetGrain<ITopicCatalogGrain>(0);
        await Task.WhenAll(Enumerable.Range(1, 40).Select(i => catalogue.AddAsync($"t{i}")));
        cluster.Storage.Before = (what, key) =>
            what == "read" && key.Contains("topiclog/", StringComparison.Ordinal) ? throw new IOException("no primary") : Task.CompletedTask;
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => broker.GetTopicsAsync(default).AsTask());
    }

    [Fact]
    public async Task A_topic_is_not_taken_for_entered_when_it_may_have_been_struck_out()
    {
        using var asked = new SemaphoreSlim(0);
        await using var cluster = await TestCluster.StartAsync(more: silo => silo.AddIncomingGrainCallFilter(async call =>
        {
            var answer = call.Invoke();
            if (call.Grain is ITopicCatalogGrain && call.MethodName == "AddAsync")
            {
                asked.Release();
            }

            await answer;
        }));
        var catalogue = cluster.Silos.Client.GetGrain<ITopicCatalogGrain>(0);
        Assert.Equal(CatalogEntry.Entered, await catalogue.AddAsync("t"));
        await asked.WaitAsync(Recorder.Deadline);

        // It is struck out, and the answer is lost; meanwhile it is used again.
        var (written, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Storage.After = (what, key) =>
        {
            if (what == "write" && key.StartsWith("catalog/", StringComparison.Ordinal) && written.TrySetResult())
            {
                return answer.Task;
            }

            return Task.CompletedTask;
        };
        var removing = catalogue.RemoveAsync("t");
        await written.Task.WaitAsync(Recorder.Deadline);
        var adding = catalogue.AddAsync("t");
        Assert.True(await asked.WaitAsync(Recorder.Deadline));
        answer.SetException(new TimeoutException("the answer was lost"));
        await removing;
        Assert.Equal(CatalogEntry.Entered, await adding);
        await cluster.Silos.DeactivateAsync(catalogue.GetGrainId());
        Assert.Equal(["t"], (await catalogue.GetAsync()).Topics);
    }
}
