namespace Rookery.Client.Tests;

public sealed class LeaseTests : IAsyncDisposable
{
    private static readonly SubscribeOptions Leased = new() { LeaseMs = 100 };

    private readonly ScriptedBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task An_event_that_comes_again_while_the_consumer_works_on_it_is_acknowledged_once_and_not_seen_twice()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscription = await SubscribeTests.SubscribeAsync(client, peer, "t", Leased with { Window = 1 });
        await using var events = subscription.GetAsyncEnumerator();
        await peer.PushAsync("t", 1);
        Assert.Equal((1, 1), await SequenceAndTries(events));

        await peer.PushAsync("t", 1, tries: 2);
        await ArrivedAsync(client, peer);
        var next = SequenceAndTries(events);
        Assert.Equal("ack t #1", await peer.NextAsync());
        await peer.SayAsync("acknowledged 1");
        await peer.PushAsync("t", 2);
        Assert.Equal((2, 1), await next);
    }

    [Fact]
    public async Task An_event_that_comes_again_while_its_acknowledgement_is_on_its_way_is_not_seen_twice()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscription = await SubscribeTests.SubscribeAsync(client, peer, "t", Leased with { Window = 1 });
        await using var events = subscription.GetAsyncEnumerator();
        await peer.PushAsync("t", 1);
        await SubscribeTests.NextAsync(events);
        var next = SequenceAndTries(events);
        await peer.ExpectAsync("ack t #1");
        await peer.PushAsync("t", 1, tries: 2);
        await peer.SayAsync("acknowledged 1");
        await peer.PushAsync("t", 2);
        Assert.Equal((2, 1), await next);
    }

    [Fact]
    public async Task Leases_that_end_before_anybody_asks_replace_what_waits_and_keep_the_connection()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscription = await SubscribeTests.SubscribeAsync(client, peer, "t", Leased with { Window = 3, AutoAck = false });
        for (var tries = 1; tries <= 3; tries++)
        {
            for (var seq = 1; seq <= 3; seq++)
            {
                await peer.PushAsync("t", seq, tries: tries);
            }
        }

        await ArrivedAsync(client, peer);
        await using var events = subscription.GetAsyncEnumerator();
        Assert.Equal((1, 3), await SequenceAndTries(events));
        Assert.Equal((2, 3), await SequenceAndTries(events));
        Assert.Equal((3, 3), await SequenceAndTries(events));
        await peer.PushAsync("t", 4);
        Assert.Equal((4, 1), await SequenceAndTries(events));
    }

    [Theory]
    [InlineData(100, null)]
    [InlineData(0, "g")]
    [InlineData(null, "g")]
    public async Task What_the_broker_has_given_to_others_meanwhile_makes_room(int? leaseMs, string? group)
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var options = new SubscribeOptions { LeaseMs = leaseMs, Group = group, Window = 3, AutoAck = false };
        var subscription = await SubscribeTests.SubscribeAsync(client, peer, "t", options);
        await peer.PushAsync("t", 1);
        await peer.PushAsync("t", 2);
        await peer.PushAsync("t", 3);
        await peer.PushAsync("t", 1, tries: 2);
        await peer.PushAsync("t", 4);
        await peer.PushAsync("t", 5);
        await ArrivedAsync(client, peer);

        // Of 1 the second copy waits, sent after 2 and 3: those two are whose leases have ended.
        await using var events = subscription.GetAsyncEnumerator();
        Assert.Equal((1, 2), await SequenceAndTries(events));
        Assert.Equal((4, 1), await SequenceAndTries(events));
        Assert.Equal((5, 1), await SequenceAndTries(events));
    }

    [Fact]
    public async Task Giving_an_event_back_gives_back_the_copy_that_came_meanwhile()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscription = await SubscribeTests.SubscribeAsync(client, peer, "t", Leased with { Window = 1 });
        await using var events = subscription.GetAsyncEnumerator();
        await peer.PushAsync("t", 1);
        var first = await SubscribeTests.NextAsync(events);
        await peer.PushAsync("t", 1, tries: 2);
        await ArrivedAsync(client, peer);
        var nack = subscription.NackAsync(first);
        Assert.Equal("nack t #1", await peer.NextAsync());
        await peer.SayAsync("returned ev_id=id1");
        await nack.WaitAsync(ScriptedBroker.Deadline);
        await peer.PushAsync("t", 1, tries: 3);
        Assert.Equal((1, 3), await SequenceAndTries(events));
    }

    /// <summary>What the broker said before has been taken in: the reply to a ping came after it.</summary>
    private static async Task ArrivedAsync(RookeryClient client, Peer peer)
    {
        var ping = client.PingAsync();
        await peer.ExpectAsync("ping");
        await peer.SayAsync("pong");
        await ping.WaitAsync(ScriptedBroker.Deadline);
    }

    private static async Task<(long Sequence, int Tries)> SequenceAndTries(IAsyncEnumerator<ReceivedEvent> events)
    {
        var next = await SubscribeTests.NextAsync(events);
        return (next.Sequence, next.Tries);
    }
}
