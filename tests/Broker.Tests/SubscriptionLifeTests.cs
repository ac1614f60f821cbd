namespace Rookery.Broker.Tests;

/// <summary>Whose a subscription is, and how long it lives: groups, names, those who take over.</summary>
public class SubscriptionLifeTests
{
    private readonly TopicBench _bench = new();

    [Fact]
    public void A_member_of_a_group_that_comes_back_settles_what_it_had_and_no_other_does()
    {
        var bench = new TopicBench();
        var alice = bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { Group = "g", Window = 3 });
        alice.Publish("1", "a");
        alice.Publish("2", "b");
        alice.Publish("3", "c");
        alice.Disconnect();
        var bob = bench.Connect("bob");
        bob.Subscribe(new SubscribeOptions { Group = "g" });
        alice = bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { Group = "g" });
        Assert.Equal(("a", "b"), (bob.Look(), alice.Look()));
        Assert.Equal((0, Outcome.NoSuchEvent), (bob.Ack(3).Count, bob.Ack("3").Outcome));
        Assert.Equal(Outcome.Done, alice.Ack("3").Outcome);
        Assert.Equal("", alice.Look());
    }

    [Fact]
    public void Members_of_a_group_share_its_events_fairly()
    {
        var members = Enumerable.Range(0, 3).Select(_ => _bench.Connect()).ToList();
        members.ForEach(member => member.Subscribe(new SubscribeOptions { Group = "g", Window = 2 }));
        for (var i = 1; i <= 9; i++)
        {
            _bench.Connect().Publish($"{i}", $"{i}");
        }

        Assert.All(members, member => Assert.Equal(2, member.Received.Count));
        Assert.Equal([1, 2, 3, 4, 5, 6], members.SelectMany(member => member.Received).Select(seen => seen.Sequence).Order());
        Assert.Equal(0, members[1].Ack(members[0].Received[0].Sequence).Count);
        Assert.Equal(1, members[0].Ack(members[0].Received[0].Sequence).Count);
        Assert.Equal(7, members[0].Received[^1].Sequence);
    }

    [Fact]
    public void What_a_member_had_goes_to_the_others_when_it_leaves()
    {
        var (first, second) = (_bench.Connect(), _bench.Connect());
        first.Subscribe(new SubscribeOptions { Group = "g" });
        second.Subscribe(new SubscribeOptions { Group = "g", Window = 5 });
        first.Publish("1", "a");
        var holder = first.Received.Count > 0 ? first : second;
        var other = holder == first ? second : first;
        holder.Disconnect();
        Assert.Equal(("a", 2), (other.Received[0].Message, other.Received[0].Tries));
    }

    [Fact]
    public void A_group_is_durable_until_its_last_member_unsubscribes()
    {
        var first = _bench.Connect();
        first.Subscribe(new SubscribeOptions { Group = "g" });
        first.Disconnect();
        _bench.Connect().Publish("1", "a");
        _bench.Restart();
        var (second, third) = (_bench.Connect(), _bench.Connect());
        Assert.False(second.Subscribe(new SubscribeOptions { Group = "g" }).Flag);
        third.Subscribe(new SubscribeOptions { Group = "g" });
        Assert.Equal("a", second.Look());
        second.Unsubscribe();
        Assert.Equal("a", third.Look());
        third.Unsubscribe();
        Assert.Empty(_bench.Stats.Subscriptions);
    }

    [Fact]
    public void A_second_subscription_of_a_session_contradicts_the_first()
    {
        var client = _bench.Connect("alice");
        client.Subscribe();
        var result = client.Subscribe(new SubscribeOptions { Group = "g" });
        Assert.Equal(Outcome.Invalid, result.Outcome);
        Assert.Equal("this connection is subscribed to the topic already, as client:alice; unsubscribe first", result.Detail);
    }

    [Fact]
    public void A_second_connection_of_the_same_name_takes_over_with_what_was_in_flight()
    {
        var older = _bench.Connect("alice");
        older.Subscribe();
        older.Publish("1", "a");
        var newer = _bench.Connect("alice");
        Assert.False(newer.Subscribe().Flag);
        Assert.Equal(("a", 2), (newer.Received[0].Message, newer.Received[0].Tries));
        Assert.Equal(Outcome.NotSubscribed, older.Ack("1").Outcome);
        Assert.Equal("taken over by another connection", older.Subscribe().Detail);
        older.Disconnect();
        Assert.Equal(Outcome.Done, newer.Ack("1").Outcome);
    }

    [Fact]
    public void Names_belong_to_their_owner()
    {
        _bench.Connect("alice", owner: "x").Subscribe();
        Assert.True(_bench.Connect("alice", owner: "y").Subscribe().Flag);
        Assert.Equal(["client:x/alice", "client:y/alice"], _bench.Stats.Subscriptions.Select(subscription => subscription.Key));
    }

    [Fact]
    public void An_unused_named_subscription_ends_after_its_time()
    {
        var bench = new TopicBench(new BrokerLimits { UnusedSubscription = TimeSpan.FromSeconds(10) });
        var alice = bench.Connect("alice");
        alice.Subscribe();
        bench.Advance(60_000);
        alice.Disconnect();
        bench.Advance(9_000);
        Assert.Single(bench.Stats.Subscriptions);
        bench.Restart();
        bench.Advance(1_000);
        Assert.Empty(bench.Stats.Subscriptions);
    }
}
