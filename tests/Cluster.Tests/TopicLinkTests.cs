using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.Cluster.Tests;

/// <summary>The link between a gateway and a topic, where calls or their answers go wrong on the way.</summary>
public sealed class TopicLinkTests
{
    private static readonly TopicName Topic = TopicName.Parse("t");

    /// <summary>What happens to a call from a gateway to the topic, by an existing link.</summary>
    private Func<ExchangeRequest, IIncomingGrainCallContext, Task> _passing = (_, call) => call.Invoke();

    [Fact]
    public async Task A_session_whose_introduction_did_not_arrive_is_introduced_again()
    {
        await using var cluster = await StartAsync();
        var gateway = cluster.NewGateway(TestCluster.GatewayOptions with { CallTimeout = TimeSpan.FromSeconds(1), AttemptTimeout = TimeSpan.FromMilliseconds(300) });
        var first = await Recorder.OpenAsync(gateway);
        Assert.Equal(Outcome.Done, (await first.PublishAsync("t", "1")).Outcome);

        // Behind a call that is on its way a subscription and a grant of a session wait that the topic has not heard of.
        var second = await Recorder.OpenAsync(gateway);
        var asked = new TaskCompletionSource();
        _passing = (_, _) =>
        {
            asked.TrySetResult();
            throw new TimeoutException("nothing arrives");
        };
        var stuck = first.PublishAsync("t", "2");
        await asked.Task.WaitAsync(Recorder.Deadline);
        var subscribing = second.SubscribeAsync("t", new SubscribeOptions { Window = 10, Credit = 0 });
        second.Session.Grant(Topic, 10_000);
        Assert.Equal(Outcome.Unknown, (await stuck).Outcome);
        Assert.NotEqual(Outcome.Done, (await subscribing).Outcome);

        _passing = (_, call) => call.Invoke();
        var subscribed = await second.SubscribeAsync("t", new SubscribeOptions { Window = 10 });
        Assert.Equal((Outcome.Done, null), (subscribed.Outcome, subscribed.Detail));
        Assert.Equal(Outcome.Done, (await first.PublishAsync("t", "3")).Outcome);
        await second.UntilAsync(one => one.Delivered.Any(d => d.Id == "3"), "the event did not come");
    }

    [Fact]
    public async Task A_session_leaves_a_topic_that_may_have_heard_of_it_although_the_gateway_never_got_an_answer()
    {
        await using var cluster = await StartAsync();
        var gateway = cluster.NewGateway(TestCluster.GatewayOptions with { CallTimeout = TimeSpan.FromSeconds(1), AttemptTimeout = TimeSpan.FromMilliseconds(300) });
        var staying = await Recorder.OpenAsync(gateway);
        Assert.Equal(Outcome.Done, (await staying.PublishAsync("t", "1")).Outcome);
        var leaving = await Recorder.OpenAsync(gateway);
        _passing = async (_, call) =>
        {
            await call.Invoke();
            throw new TimeoutException("no answer arrives");
        };
        Assert.Equal(Outcome.Unknown, (await leaving.SubscribeAsync("t")).Outcome);
        _passing = (_, call) => call.Invoke();
        Assert.Single((await gateway.StatsAsync())!.Subscriptions);
        await leaving.Session.DisposeAsync();
        Assert.Empty((await gateway.StatsAsync())!.Subscriptions);
        Assert.Equal(Outcome.Done, (await staying.PublishAsync("t", "2")).Outcome);
    }

    [Fact]
    public async Task A_call_that_waits_for_the_catalogue_and_is_overtaken_brings_no_session_back_that_has_left()
    {
        var (asked, let) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var cluster = await TestCluster.StartAsync(more: silo => silo.AddIncomingGrainCallFilter(async call =>
        {
            if (call.Grain is ITopicCatalogGrain && call.MethodName == "AddAsync")
            {
                asked.TrySetResult();
                await let.Task;
            }

            await call.Invoke();
        }));
        var gateway = cluster.NewGateway(TestCluster.GatewayOptions with { CallTimeout = TimeSpan.FromSeconds(1), AttemptTimeout = TimeSpan.FromMilliseconds(300) });
        var leaving = await Recorder.OpenAsync(gateway);
        var subscribing = leaving.SubscribeAsync("t");
        await asked.Task.WaitAsync(Recorder.Deadline);
        Assert.Equal(Outcome.Unknown, (await subscribing).Outcome);
        await leaving.Session.DisposeAsync();
        let.SetResult();

        var publisher = await Recorder.OpenAsync(cluster.NewGateway());
        Assert.Equal(Outcome.Done, (await publisher.PublishAsync("t", "1")).Outcome);
        Assert.Empty((await gateway.StatsAsync())!.Subscriptions);
    }

    [Fact]
    public async Task A_result_that_was_told_stays_although_the_answer_is_damaged_behind_it()
    {
        await using var cluster = await StartAsync();
        var gateway = cluster.NewGateway();
        var client = await Recorder.OpenAsync(gateway);
        Assert.Equal(Outcome.Done, (await client.PublishAsync("t", "1")).Outcome);

        // Two batches share the call behind this one, and of its answer only the result of the first can be read.
        var (asked, let) = (new TaskCompletionSource(), new TaskCompletionSource());
        _passing = async (_, call) =>
        {
            asked.TrySetResult();
            await let.Task;
            _passing = DamageAsync;
            await call.Invoke();
        };
        var held = client.PublishAsync("t", "2");
        await asked.Task.WaitAsync(Recorder.Deadline);
        var (read, unread) = (PublishOf("3"), PublishOf("4"));
        var answers = new[] { client.Session.ExecuteAsync(read).AsTask(), client.Session.ExecuteAsync(unread).AsTask() };
        let.SetResult();
        Assert.Equal(Outcome.Done, (await held).Outcome);
        await Task.WhenAll(answers).WaitAsync(Recorder.Deadline);
        Assert.Equal((Outcome.Done, 3), (read.Results[0].Outcome, read.Results[0].Sequence));
        Assert.Equal(Outcome.Unknown, unread.Results[0].Outcome);

        // Both were stored, and the link is made anew.
        Assert.Equal((Outcome.Done, 5), await client.PublishAsync("t", "5") is var last ? (last.Outcome, last.Sequence) : default);

        async Task DamageAsync(ExchangeRequest request, IIncomingGrainCallContext call)
        {
            _passing = (_, next) => next.Invoke();
            await call.Invoke();
            var reply = (ExchangeReply)call.Result!;
            call.Result = reply with { Results = reply.Results[..(reply.Results.Length / 2)] };
        }
    }

    private static TopicCommands PublishOf(string id)
    {
        var commands = new TopicCommands();
        commands.Reset(Topic, 0);
        commands.Publish(System.Text.Encoding.UTF8.GetBytes($"\"{id}\""), "\"m\""u8);
        return commands;
    }

    private Task<TestCluster> StartAsync() => TestCluster.StartAsync(more: silo => silo.AddIncomingGrainCallFilter(call =>
        call.Grain is ITopicGrain && call.Request.GetArgumentCount() > 0
        && call.Request.GetArgument(0) is ExchangeRequest { Items.Length: > 0 } request && request.Epoch != Guid.Empty
            ? _passing(request, call)
            : call.Invoke()));
}
