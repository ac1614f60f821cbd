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
    public async Task A_subscription_ended_and_made_anew_in_one_breath_gets_its_credit_again()
    {
        await using var served = await ServedBroker.StartAsync(new WireOptions { SubscriptionCredit = 8192 });
        var client = await served.ConnectAsync();
        await client.AskAsync("sub t", "successfully subscribed to topic t");
        var large = new string('x', 20_000);
        for (var i = 1; i <= 4; i++)
        {
            await client.SendAsync($"pub t {{\"id\":{i},\"msg\":\"{large}\"}}");
        }

        // Its first event comes before the replies, and takes all the credit there is.
        await client.ExpectAsync(Event(1));
        await client.SendAsync("unsub t", "sub t {\"window\":9,\"from\":\"start\"}");
        await client.ExpectAsync("successfully unsubscribe from topic t", "successfully subscribed to topic t", Event(1), Event(2), Event(3), Event(4));

        string Event(int id) => $"{{\"topic\":\"t\",\"priority\":0,\"msg\":\"{large}\",\"id\":{id}}}";
    }

    [Fact]
    public async Task A_subscription_made_in_the_same_breath_as_the_topic_was_dropped_is_there()
    {
        var broker = new FakeBroker();
        await using var served = await ServedBroker.StartAsync(new WireOptions { SubscriptionCredit = 8192 }, broker);
        var client = await served.ConnectAsync();
        await client.AskAsync("sub t", "successfully subscribed to topic t");
        var large = new string('x', 20_000);
        await client.SendAsync("drop t", "sub t {\"window\":9}", $"pub t {{\"id\":1,\"msg\":\"{large}\"}}", "pub t {\"id\":2,\"msg\":2}");
        await client.ExpectAsync("notice: topic t was dropped, and the subscription to it ended", "ok drop 0", "successfully subscribed to topic t");
        await client.ExpectAsync($"{{\"topic\":\"t\",\"priority\":0,\"msg\":\"{large}\",\"id\":1}}", "{\"topic\":\"t\",\"priority\":0,\"msg\":2,\"id\":2}");
    }

    [Fact]
    public async Task Dead_letters_are_listed_one_listing_at_a_time()
    {
        var held = new TaskCompletionSource();
        var broker = new FakeBroker();
        await using var served = await ServedBroker.StartAsync(broker: broker);
        var client = await served.ConnectAsync();
        await client.AskAsync("sub t", "successfully subscribed to topic t");
        broker.Delay = _ => held.Task;
        await client.SendAsync([.. Enumerable.Repeat("dead t", 100)]);
        await ServedBroker.EventuallyAsync(() => broker.Executed > 1, "the first is executed");
        var reply = client.ReadAsync();
        await Task.Yield();
        Assert.False(reply.IsCompleted);
        Assert.Equal(2, broker.Executed);
        held.SetResult();
        Assert.Equal("ok dead 0", await reply);
        await client.ExpectAsync([.. Enumerable.Repeat("ok dead 0", 99)]);
        Assert.Equal(101, broker.Executed);
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
