namespace Rookery.Broker.Tests;

public class PublishAndDeliverTests
{
    private readonly TopicBench _bench = new();

    [Fact]
    public void Events_are_numbered_from_one_without_gaps()
    {
        var client = _bench.Connect();
        Assert.Equal(1, client.Publish("\"a\"", "1").Sequence);
        Assert.Equal(2, client.Publish("\"a\"", "2").Sequence);
        Assert.Equal(2, _bench.Stats.LastSequence);
    }

    [Fact]
    public void A_new_subscription_gets_what_comes_from_now_on()
    {
        var client = _bench.Connect();
        client.Publish("1", "before");
        Assert.True(client.Subscribe().Flag);
        client.Publish("2", "after");
        Assert.Equal("after", client.Look());
    }

    [Fact]
    public void The_window_is_one_unless_asked_otherwise()
    {
        var client = _bench.Connect();
        client.Subscribe();
        client.Publish("1", "a");
        client.Publish("2", "b");
        Assert.Equal("a", client.Look());
        Assert.False(client.Ack("1").Flag);
        Assert.Equal("b", client.Look());
        Assert.True(client.Ack("2").Flag);
    }

    [Fact]
    public void A_repeated_subscribe_widens_the_window()
    {
        var client = _bench.Connect();
        client.Subscribe();
        for (var i = 1; i <= 4; i++)
        {
            client.Publish($"{i}", $"e{i}");
        }

        Assert.Equal("e1", client.Look());
        Assert.False(client.Subscribe(new SubscribeOptions { Window = 3 }).Flag);
        Assert.Equal("e2 e3", client.Look());
    }

    [Fact]
    public void A_larger_priority_goes_first_then_the_first_published()
    {
        var client = _bench.Connect();
        client.Subscribe();
        client.Publish("0", "first");
        client.Publish("1", "low", -128);
        client.Publish("2", "high-a", 127);
        client.Publish("3", "middle");
        client.Publish("4", "high-b", 127);
        var order = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            order.Add(client.Look());
            client.Ack(1, 5);
        }

        Assert.Equal(["first", "high-a", "high-b", "middle", "low"], order);
    }

    [Fact]
    public void A_burst_of_a_thousand_keeps_every_event()
    {
        var client = _bench.Connect();
        client.Subscribe(new SubscribeOptions { Window = 5000 });
        var reply = client.Send(commands =>
        {
            for (var i = 0; i < 1000; i++)
            {
                commands.Publish("\"same\""u8, "1"u8);
            }
        });
        Assert.All(reply.Commands.Results.ToArray(), result => Assert.Equal(Outcome.Done, result.Outcome));
        Assert.Equal(Enumerable.Range(1, 1000).Select(i => (long)i), client.Received.Select(seen => seen.Sequence));
    }

    [Fact]
    public void The_same_id_twice_settles_the_oldest_first_and_never_stalls()
    {
        var client = _bench.Connect();
        client.Subscribe(new SubscribeOptions { Window = 2 });
        for (var i = 0; i < 3; i++)
        {
            client.Publish("\"x\"", $"{i}");
        }

        Assert.Equal(1, client.Ack("x").Sequence);
        Assert.Equal(2, client.Ack("x").Sequence);
        Assert.Equal(3, client.Ack("x").Sequence);
        Assert.Equal(Outcome.NoSuchEvent, client.Ack("x").Outcome);
    }

    [Theory]
    [InlineData("5", "5")]
    [InlineData("5.10", "5.10")]
    [InlineData("\"5\"", "5")]
    [InlineData("\"caf\\u00e9\"", "café")]
    [InlineData("\"a\\\"b\"", "a\"b")]
    [InlineData("\"0123456789abcdef-0123456789abcdef\"", "0123456789abcdef-0123456789abcdef")]
    public void An_id_is_acknowledged_by_its_text(string token, string text)
    {
        var client = _bench.Connect();
        client.Subscribe();
        client.Publish(token, "1");
        Assert.Equal(token, Assert.Single(client.Received).Id);
        Assert.Equal(Outcome.NoSuchEvent, client.Ack(text + "?").Outcome);
        Assert.Equal(Outcome.Done, client.Ack(text).Outcome);
    }

    [Fact]
    public void What_was_never_delivered_cannot_be_acknowledged()
    {
        var client = _bench.Connect();
        client.Subscribe();
        client.Publish("1", "a");
        client.Publish("2", "b");
        Assert.Equal(Outcome.NoSuchEvent, client.Ack("2").Outcome);
        Assert.Equal(0, client.Ack(2, 9).Count);
        Assert.Equal(1, client.Ack(1, long.MaxValue).Count);
        Assert.Equal("a b", client.Look());
    }

    [Fact]
    public void A_range_upside_down_is_refused()
    {
        var client = _bench.Connect();
        client.Subscribe();
        Assert.Equal(Outcome.Invalid, client.Ack(3, 2).Outcome);
    }

    [Fact]
    public void A_range_at_the_end_of_all_numbers_is_empty()
    {
        var client = _bench.Connect();
        client.Subscribe();
        client.Publish("1", "a");
        Assert.Equal(0, client.Ack(long.MaxValue, long.MaxValue).Count);
        Assert.Equal(1, client.Ack(long.MinValue, long.MaxValue).Count);
    }

    [Fact]
    public void Who_has_not_subscribed_is_told()
    {
        var client = _bench.Connect();
        Assert.Equal(Outcome.NotSubscribed, client.Ack("1").Outcome);
        Assert.Equal(Outcome.NotSubscribed, client.Unsubscribe().Outcome);
        Assert.Equal(Outcome.NotSubscribed, client.Dead(CommandKind.ListDead).Outcome);
    }

    [Fact]
    public void Every_subscription_gets_every_event()
    {
        var clients = Enumerable.Range(0, 3).Select(_ => _bench.Connect()).ToList();
        clients.ForEach(client => client.Subscribe(new SubscribeOptions { Window = 10 }));
        clients[0].Publish("1", "a");
        clients[0].Publish("2", "b");
        Assert.All(clients, client => Assert.Equal("a b", client.Look()));
    }

    [Fact]
    public void Who_unsubscribed_gets_nothing_and_begins_anew()
    {
        var client = _bench.Connect();
        client.Subscribe();
        client.Publish("1", "a");
        client.Publish("2", "b");
        Assert.Equal(Outcome.Done, client.Unsubscribe().Outcome);
        client.Publish("3", "c");
        Assert.Equal("a", client.Look());
        Assert.True(client.Subscribe().Flag);
        Assert.Empty(client.Received);
        client.Publish("4", "d");
        Assert.Equal("d", client.Look());
    }

    [Fact]
    public void Credit_is_spent_by_deliveries_and_may_become_negative_once()
    {
        var client = _bench.Connect();
        client.Subscribe(new SubscribeOptions { Window = 10, Credit = 1 });
        client.Publish("1", "a");
        client.Publish("2", "b");
        Assert.Equal("a", client.Look());
        client.Grant(Delivery.Overhead);
        Assert.Empty(client.Received);
        client.Grant(2);
        Assert.Equal("b", client.Look());
    }

    [Fact]
    public void A_delivery_names_the_batch_that_made_room_for_it()
    {
        var client = _bench.Connect();
        client.Subscribe();
        client.Publish("1", "a");
        client.Publish("2", "b");
        Assert.Equal(1, Assert.Single(client.Received).After);
        client.Received.Clear();
        client.Ack("1");
        Assert.Equal(4, Assert.Single(client.Received).After);
    }

    [Theory]
    [InlineData(StartKind.Start, "a b c d")]
    [InlineData(StartKind.New, "d")]
    [InlineData(StartKind.Sequence, "b c d")]
    [InlineData(StartKind.Time, "c d")]
    public void A_subscription_begins_where_it_was_asked_to(StartKind kind, string expected)
    {
        var client = _bench.Connect();
        client.Publish("1", "a");
        client.Publish("2", "b", priority: 0);
        _bench.Advance(1000);
        client.Publish("3", "c");
        client.Subscribe(new SubscribeOptions
        {
            Window = 10,
            From = kind switch
            {
                StartKind.Start => StartPosition.Start,
                StartKind.Sequence => StartPosition.At(2),
                StartKind.Time => StartPosition.Since(_bench.Time.GetUtcNow()),
                _ => StartPosition.New,
            },
        });
        client.Publish("4", "d");
        Assert.Equal(expected, client.Look());
    }

    [Fact]
    public void Limits_refuse_and_say_so()
    {
        var bench = new TopicBench(new BrokerLimits { MaxMessageBytes = 3, MaxSubscriptionsPerTopic = 1, MaxWindow = 7 });
        var client = bench.Connect();
        var result = client.Publish("1", "1234");
        Assert.Equal((Outcome.Invalid, "the message has 4 bytes; the limit is 3"), (result.Outcome, result.Detail));
        Assert.Equal("window is 8; it must be between 1 and 7", client.Subscribe(new SubscribeOptions { Window = 8 }).Detail);
        client.Subscribe();
        var other = bench.Connect().Subscribe();
        Assert.Equal((Outcome.Refused, "the topic has 1 subscriptions; the limit is 1"), (other.Outcome, other.Detail));
        Assert.Equal(0, bench.Stats.LastSequence);
    }

    [Fact]
    public void A_repeated_number_of_a_producer_is_confirmed_again_but_not_stored_again()
    {
        var client = _bench.Connect(producer: "p");
        Assert.Equal(1, client.Publish("1", "a", number: 5).Sequence);
        var repeated = client.Publish("1", "a", number: 5);
        Assert.Equal((Outcome.Repeated, 1L), (repeated.Outcome, repeated.Sequence));
        Assert.Equal(Outcome.Repeated, client.Publish("1", "a", number: 4).Outcome);
        Assert.Equal(2, client.Publish("1", "b", number: 6).Sequence);
        Assert.Equal(2, _bench.Stats.LastSequence);
        Assert.Equal(3, _bench.Connect(producer: "q").Publish("1", "c", number: 1).Sequence);
        Assert.Equal(4, _bench.Connect(producer: "p", owner: "other").Publish("1", "d", number: 1).Sequence);
    }

    [Fact]
    public void Only_so_many_producers_are_remembered_the_longest_unused_goes()
    {
        var bench = new TopicBench(new BrokerLimits { MaxProducersPerTopic = 2 });
        var (p, q, r) = (bench.Connect(producer: "p"), bench.Connect(producer: "q"), bench.Connect(producer: "r"));
        p.Publish("1", "1", number: 1);
        q.Publish("1", "1", number: 1);
        p.Publish("1", "1", number: 2);
        r.Publish("1", "1", number: 1);
        Assert.Equal(Outcome.Repeated, p.Publish("1", "1", number: 2).Outcome);
        Assert.Equal(Outcome.Done, q.Publish("1", "1", number: 1).Outcome);
    }
}
