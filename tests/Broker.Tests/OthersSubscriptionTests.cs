using System.Text;

namespace Rookery.Broker.Tests;

/// <summary>What an administrator does with a subscription that is somebody else's, named by its key.</summary>
public sealed class OthersSubscriptionTests
{
    private readonly TopicBench _bench = new();

    [Fact]
    public void Dead_letters_of_another_are_listed_and_put_back_to_whom_they_belong()
    {
        var alice = BuryOne();
        var operatorHere = _bench.Connect();
        var letter = Assert.Single(operatorHere.Dead(CommandKind.ListDead, key: "client:alice").DeadLetters!);
        Assert.Equal("\"a\"", Encoding.UTF8.GetString(letter.Message.Span));
        alice.Look();
        Assert.Equal(1, operatorHere.Dead(CommandKind.ReplayDead, letter.Sequence, "client:alice").Count);
        Assert.Equal("\"a\"", alice.Look());
        Assert.Empty(operatorHere.Received);
    }

    [Fact]
    public void Dead_letters_of_another_are_discarded_for_good()
    {
        BuryOne();
        Assert.Equal(1, _bench.Connect().Dead(CommandKind.DiscardDead, key: "client:alice").Count);
        _bench.Restart();
        Assert.Equal(0, Assert.Single(_bench.Stats.Subscriptions).Dead);
    }

    [Fact]
    public void A_key_nobody_has_is_answered_so_even_to_a_subscriber()
    {
        var alice = BuryOne();
        Assert.Equal(Outcome.NotSubscribed, alice.Dead(CommandKind.ListDead, key: "client:bob").Outcome);
        Assert.Equal(Outcome.NotSubscribed, alice.EndOther("client:bob").Outcome);
    }

    [Fact]
    public void A_subscription_ends_by_its_key_once_nobody_receives_from_it()
    {
        var alice = BuryOne();
        var operatorHere = _bench.Connect();
        var refused = operatorHere.EndOther("client:alice");
        Assert.Equal(Outcome.Invalid, refused.Outcome);
        Assert.Equal("client:alice is in use by 1 connection; it can end when nobody receives from it any more", refused.Detail);
        alice.Disconnect();
        Assert.Equal(Outcome.Done, operatorHere.EndOther("client:alice").Outcome);
        Assert.Empty(_bench.Stats.Subscriptions);
        _bench.Restart();
        Assert.Empty(_bench.Stats.Subscriptions);
    }

    [Fact]
    public void Names_of_an_owner_are_told_from_others()
    {
        _bench.Connect("alice", owner: "shop").Subscribe();
        var key = Assert.Single(_bench.Stats.Subscriptions).Key;
        Assert.Equal("client:shop/alice", key);
        Assert.Equal(Outcome.NotSubscribed, _bench.Connect().Dead(CommandKind.ListDead, key: "client:alice").Outcome);
        Assert.Equal(Outcome.Done, _bench.Connect().Dead(CommandKind.ListDead, key: key).Outcome);
    }

    [Fact]
    public void Nobody_can_give_himself_the_key_of_another()
    {
        _bench.Connect("shop/alice").Subscribe();
        _bench.Connect("/shop/alice").Subscribe();
        _bench.Connect("alice", owner: "shop").Subscribe();
        _bench.Connect("/alice", owner: "shop").Subscribe();
        _bench.Connect("x").Subscribe(new SubscribeOptions { Group = "shop/alice" });
        _bench.Connect("y", owner: "shop").Subscribe(new SubscribeOptions { Group = "alice" });
        string[] keys = ["client:/shop/alice", "client://shop/alice", "client:shop/alice", "client:shop//alice", "group:/shop/alice", "group:shop/alice"];
        Assert.Equal(keys.Order(StringComparer.Ordinal), _bench.Stats.Subscriptions.Select(subscription => subscription.Key));
        var operatorHere = _bench.Connect();
        foreach (var key in keys)
        {
            Assert.StartsWith($"{key} is in use by 1 connection;", operatorHere.EndOther(key).Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_group_has_a_name_of_as_many_bytes_as_any_name_may_have()
    {
        Assert.Equal(Outcome.Done, _bench.Connect().Subscribe(new SubscribeOptions { Group = new string('é', 100) }).Outcome);
        foreach (var group in new[] { "", new string('é', 100) + "x" })
        {
            var refused = _bench.Connect().Subscribe(new SubscribeOptions { Group = group });
            Assert.Equal((Outcome.Invalid, "group must have 1 to 200 bytes"), (refused.Outcome, refused.Detail));
        }
    }

    private TopicBench.Client BuryOne()
    {
        var alice = _bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { MaxTries = 1 });
        alice.Publish("1", "\"a\"");
        alice.Nack(1);
        Assert.Equal(1, Assert.Single(_bench.Stats.Subscriptions).Dead);
        return alice;
    }
}
