namespace Rookery.Client.Tests;

public sealed class ReconnectTests : IAsyncDisposable
{
    private readonly ScriptedBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task A_named_subscription_goes_on_and_what_the_consumer_settled_does_not_come_again()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { Name = "alice" });
        await using var _ = client;
        var options = new SubscribeOptions { Window = 10, AutoAck = false };
        var subscription = await SubscribeTests.SubscribeAsync(client, peer, "t", options);
        await using var events = subscription.GetAsyncEnumerator();
        for (var seq = 1; seq <= 4; seq++)
        {
            await peer.PushAsync("t", seq);
        }

        // 1: acknowledged, and the reply was lost with the connection. 2: in the consumer's hands. 3 and 4: received, not asked for.
        var first = await SubscribeTests.NextAsync(events);
        var second = await SubscribeTests.NextAsync(events);
        var acknowledged = subscription.AckAsync(first);
        await peer.ExpectAsync("ack t #1");
        peer.Close();

        var next = await _broker.WelcomeAsync();
        Assert.Contains("\"as\":\"alice\"", next.Hello, StringComparison.Ordinal);
        await next.ExpectAsync("sub t ");
        await next.SayAsync("successfully subscribed to topic t");
        for (var seq = 1; seq <= 4; seq++)
        {
            await next.PushAsync("t", seq, tries: 2);
        }

        await next.ExpectAsync("ack t #1");
        await next.SayAsync("acknowledged 1");
        await acknowledged.WaitAsync(ScriptedBroker.Deadline);

        var late = subscription.AckAsync(second);
        await next.ExpectAsync("ack t #2");
        await next.SayAsync("acknowledged 1");
        await late.WaitAsync(ScriptedBroker.Deadline);
        Assert.Equal((3, 2), await SequenceAndTries(events));
        Assert.Equal((4, 2), await SequenceAndTries(events));
    }

    [Fact]
    public async Task An_unnamed_subscription_begins_anew_behind_what_it_handed_out()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscription = await SubscribeTests.SubscribeAsync(client, peer, "t", new SubscribeOptions { From = StartFrom.Start, AutoAck = false });
        await using var events = subscription.GetAsyncEnumerator();
        await peer.PushAsync("t", 41);
        await peer.PushAsync("t", 42);
        var held = await SubscribeTests.NextAsync(events);
        peer.Close();

        var next = await _broker.WelcomeAsync();
        Assert.Equal("""sub t {"window":256,"from":42}""", await next.NextAsync());
        await next.SayAsync("successfully subscribed to topic t");
        await subscription.AckAsync(held);
        await subscription.NackAsync(held);
        await next.PushAsync("t", 42);
        Assert.Equal((42, 1), await SequenceAndTries(events));
    }

    [Fact]
    public async Task A_subscription_that_cannot_go_on_ends_with_the_brokers_words()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { Name = "alice" });
        await using var _ = client;
        var subscription = await SubscribeTests.SubscribeAsync(client, peer, "t");
        await using var events = subscription.GetAsyncEnumerator();
        var moving = events.MoveNextAsync().AsTask();
        peer.Close();
        var next = await _broker.WelcomeAsync();
        await next.ExpectAsync("sub t ");
        await next.SayAsync("error: too many subscriptions: 1 is allowed");
        var error = await Assert.ThrowsAsync<RookeryException>(() => moving.WaitAsync(ScriptedBroker.Deadline));
        Assert.Equal("too many subscriptions: 1 is allowed", error.Message);
    }

    [Fact]
    public async Task Being_taken_over_ends_everything_and_the_client_does_not_fight_for_its_name()
    {
        var closed = new TaskCompletionSource<ConnectionChange>();
        var connections = 0;
        var (client, peer) = await _broker.ConnectAsync(o => o with
        {
            Name = "alice",
            ConnectionChanged = c =>
            {
                connections += c.State == ConnectionState.Connected ? 1 : 0;
                _ = c.State == ConnectionState.Closed && closed.TrySetResult(c);
            },
        });
        await using var __ = client;
        var subscription = await SubscribeTests.SubscribeAsync(client, peer, "t");
        await using var events = subscription.GetAsyncEnumerator();
        var moving = events.MoveNextAsync().AsTask();
        var publishing = client.PublishAsync("t", "1", "1"u8.ToArray()).AsTask();
        await peer.ExpectAsync("pub ");

        await peer.SayAsync("error: taken over by another connection");
        peer.Close();

        await Assert.ThrowsAsync<TakenOverException>(() => moving.WaitAsync(ScriptedBroker.Deadline));
        var unknown = await Assert.ThrowsAsync<UnknownOutcomeException>(() => publishing.WaitAsync(ScriptedBroker.Deadline));
        Assert.IsType<TakenOverException>(unknown.InnerException);
        Assert.IsType<TakenOverException>((await closed.Task.WaitAsync(ScriptedBroker.Deadline)).Reason);
        await Assert.ThrowsAsync<TakenOverException>(() => client.PublishAsync("t", "2", "1"u8.ToArray()).AsTask());
        await Assert.ThrowsAsync<TakenOverException>(() => client.SubscribeAsync("u"));
        Assert.Equal(1, connections);
    }

    [Fact]
    public async Task Acknowledgements_the_broker_cannot_take_are_told_again()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscription = await SubscribeTests.SubscribeAsync(client, peer, "t");
        await using var events = subscription.GetAsyncEnumerator();
        await peer.PushAsync("t", 1);
        var first = await SubscribeTests.NextAsync(events);
        var refused = subscription.AckAsync(first);
        await peer.ExpectAsync("ack t #1");
        await peer.SayAsync("error: the broker cannot store at present");
        await Assert.ThrowsAsync<RookeryException>(() => refused);
        await peer.ExpectAsync("ack t #1");
        await peer.SayAsync("acknowledged 1");
        var ping = client.PingAsync();
        await peer.ExpectAsync("ping");
        await peer.SayAsync("pong");
        await ping;
    }

    [Fact]
    public async Task A_subscription_that_somebody_else_ended_ends_here()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscription = await SubscribeTests.SubscribeAsync(client, peer, "t", new SubscribeOptions { Group = "g" });
        await using var events = subscription.GetAsyncEnumerator();
        await peer.PushAsync("t", 1);
        await SubscribeTests.NextAsync(events);
        var moving = events.MoveNextAsync().AsTask();
        await peer.ExpectAsync("ack t #1");
        await peer.SayAsync("error: not a topic t subscriber");
        var error = await Assert.ThrowsAsync<RookeryException>(() => moving.WaitAsync(ScriptedBroker.Deadline));
        Assert.Equal("not a topic t subscriber", error.Message);
    }

    [Fact]
    public async Task Unsubscribing_survives_the_loss_of_the_connection()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { Name = "alice" });
        await using var _ = client;
        var subscription = await SubscribeTests.SubscribeAsync(client, peer, "t");
        var leaving = subscription.UnsubscribeAsync();
        await peer.ExpectAsync("unsub t");
        peer.Close();
        var next = await _broker.WelcomeAsync();
        await next.ExpectAsync("sub t ");
        await next.SayAsync("successfully subscribed to topic t");
        await next.ExpectAsync("unsub t");
        await next.SayAsync("error: not a topic t subscriber");
        await leaving.WaitAsync(ScriptedBroker.Deadline);
    }

    [Fact]
    public async Task Giving_back_needs_no_reply_when_the_connection_that_had_the_event_is_gone()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { Name = "alice" });
        await using var _ = client;
        var subscription = await SubscribeTests.SubscribeAsync(client, peer, "t");
        await using var events = subscription.GetAsyncEnumerator();
        await peer.PushAsync("t", 1);
        var nack = subscription.NackAsync(await SubscribeTests.NextAsync(events));
        await peer.ExpectAsync("nack t #1");
        peer.Close();
        await nack.WaitAsync(ScriptedBroker.Deadline);
        var next = await _broker.WelcomeAsync();
        await next.ExpectAsync("sub t ");
    }

    [Fact]
    public async Task An_acknowledgement_that_the_broker_never_got_does_not_look_as_if_it_had_when_the_client_is_disposed()
    {
        var (client, peer, loseAsync) = await _broker.ConnectToLoseAsync(o => o with { Name = "alice" });
        var subscription = await SubscribeTests.SubscribeAsync(client, peer, "t", new SubscribeOptions { AutoAck = false });
        await using var events = subscription.GetAsyncEnumerator();
        await peer.PushAsync("t", 1);
        var received = await SubscribeTests.NextAsync(events);
        await loseAsync();
        var acknowledged = subscription.AckAsync(received);
        await client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => acknowledged.WaitAsync(ScriptedBroker.Deadline));
        Assert.False(await events.MoveNextAsync());
    }

    private static async Task<(long Sequence, int Tries)> SequenceAndTries(IAsyncEnumerator<ReceivedEvent> events)
    {
        var next = await SubscribeTests.NextAsync(events);
        return (next.Sequence, next.Tries);
    }
}
