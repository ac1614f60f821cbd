using Rookery.Broker;

namespace Rookery.Wire.Tests;

public sealed class OrderTests
{
    [Fact]
    public async Task Replies_wait_for_earlier_ones_of_a_slower_topic()
    {
        var slow = new TaskCompletionSource();
        var broker = new FakeBroker { Delay = batch => batch.Topic.Value == "slow" ? slow.Task : Task.CompletedTask };
        await using var served = await ServedBroker.StartAsync(broker: broker);
        var client = await served.ConnectAsync("{\"confirm\":true}");
        await client.SendAsync("pub slow {\"id\":\"1\",\"msg\":1}");
        await client.SendAsync("pub fast {\"id\":\"2\",\"msg\":1}", "ping");
        var reply = client.ReadAsync();
        await Task.Yield();
        Assert.False(reply.IsCompleted);
        slow.SetResult();
        Assert.Equal("ok pub slow 1 1", await reply);
        await client.ExpectAsync("ok pub fast 1 2", "pong");
    }

    [Fact]
    public async Task An_event_is_held_until_the_reply_that_must_precede_it()
    {
        var held = new TaskCompletionSource();
        var broker = new FakeBroker();
        await using var served = await ServedBroker.StartAsync(broker: broker);
        var client = await served.ConnectAsync();
        await client.AskAsync("sub t", "successfully subscribed to topic t");
        await client.SendAsync("pub t {\"id\":\"a\",\"msg\":1}", "pub t {\"id\":\"b\",\"msg\":1}");
        await client.ExpectAsync("{\"topic\":\"t\",\"priority\":0,\"msg\":1,\"id\":\"a\"}");
        broker.Delay = _ => held.Task;

        // The fake delivers the next event at once, its result comes later.
        await client.SendAsync("ack t a");
        var next = client.ReadAsync();
        await Task.Yield();
        Assert.False(next.IsCompleted);
        held.SetResult();
        Assert.Equal("acknowledged ev_id=a", await next);
        await client.ExpectAsync("{\"topic\":\"t\",\"priority\":0,\"msg\":1,\"id\":\"b\"}");
    }

    [Fact]
    public async Task Commands_without_a_reply_hold_no_event_back()
    {
        var held = new TaskCompletionSource();
        var broker = new FakeBroker();
        await using var served = await ServedBroker.StartAsync(broker: broker);
        var client = await served.ConnectAsync("{\"quiet\":true}");
        await client.AskAsync("sub t", "successfully subscribed to topic t");
        broker.Delay = _ => held.Task;
        await client.SendAsync("pub t {\"id\":\"a\",\"msg\":1}");
        await client.ExpectAsync("{\"topic\":\"t\",\"priority\":0,\"msg\":1,\"id\":\"a\"}");
        await client.SendAsync("pub t {\"id\":\"b\",\"msg\":1}", "ack t #1");
        await client.ExpectAsync("{\"topic\":\"t\",\"priority\":0,\"msg\":1,\"id\":\"b\"}");
        held.SetResult();
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_failure_among_silent_commands_is_told_in_its_turn()
    {
        var broker = new FakeBroker
        {
            Script = (batch, i) => batch.Commands[i].Priority == 9 ? new CommandResult { Outcome = Outcome.Refused, Detail = "full" } : null,
        };
        await using var served = await ServedBroker.StartAsync(broker: broker);
        var client = await served.ConnectAsync();
        await client.SendAsync("pub t {\"id\":1,\"msg\":1}", "ping", "pub t {\"id\":2,\"msg\":1,\"priority\":9}", "pub t {\"id\":3,\"msg\":1}", "ping");
        await client.ExpectAsync("pong", "error: full", "pong");
    }
}
