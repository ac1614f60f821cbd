using System.Text;

namespace Rookery.Broker.Tests;

public class TopicRestTests
{
    private readonly TopicBench _bench = new(new BrokerLimits { Retention = new Retention { KeepEvents = 2 }, UnusedTopic = TimeSpan.FromSeconds(10) });

    [Fact]
    public void A_dropped_topic_has_nothing_left_tells_its_subscribers_once_and_goes_on_counting()
    {
        var (alice, bob) = (_bench.Connect("alice"), _bench.Connect());
        alice.Subscribe(new SubscribeOptions { Window = 10 });
        bob.Subscribe(new SubscribeOptions { Group = "g" });
        _bench.Connect().Publish("1", "a");
        _bench.Connect().Publish("2", "b");
        var result = _bench.Connect().Send(c => c.DropTopic()).Result;
        Assert.Equal((Outcome.Done, 2), (result.Outcome, result.Count));
        Assert.Equal((1, 1), (alice.Drops, bob.Drops));
        Assert.Equal((2L, 0L, 0), (_bench.Stats.LastSequence, _bench.Stats.Events, _bench.Stats.Subscriptions.Count));
        Assert.Equal(Outcome.NotSubscribed, alice.Ack("1").Outcome);

        // The same client begins anew.
        Assert.True(alice.Subscribe(new SubscribeOptions { From = StartPosition.Start }).Flag);
        Assert.Equal(3, _bench.Connect().Publish("3", "c").Sequence);
        Assert.Equal("a b c", alice.Look());
    }

    [Fact]
    public void What_was_dropped_does_not_come_back_with_a_restart_though_its_frames_do()
    {
        _bench.Journal.IsDeaf = true;
        var alice = _bench.Connect("alice", producer: "p");
        alice.Subscribe(new SubscribeOptions { Window = 10 });
        alice.Publish("1", "a", number: 7);
        alice.Ack("1");
        alice.Publish("2", "b", number: 8);
        alice.Send(c => c.DropTopic());
        alice.Publish("3", "c", number: 1);
        _bench.Restart();
        Assert.Equal((3L, 1L, 0), (_bench.Stats.LastSequence, _bench.Stats.Events, _bench.Stats.Subscriptions.Count));
        var later = _bench.Connect("alice", producer: "p");
        Assert.Equal(Outcome.Repeated, later.Publish("3", "c", number: 1).Outcome);
        Assert.True(later.Subscribe(BrokerStart()).Flag);
        Assert.Equal("c", later.Look());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void When_nobody_knows_whether_a_topic_was_dropped_its_subscribers_learn_it_from_the_recovery(bool stored)
    {
        var alice = _bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { Window = 10 });
        _bench.Journal.Holds = true;
        var dropped = alice.Send(c => c.DropTopic());
        Assert.False(dropped.IsComplete);
        Assert.Equal(0, alice.Drops);
        _bench.Journal.FailAppend(stored);
        _bench.Journal.Holds = false;
        _bench.Turn();
        _bench.Recover();
        Assert.Equal(Outcome.Unknown, dropped.Result.Outcome);
        Assert.Equal(stored ? 1 : 0, alice.Drops);

        // Where it is still subscribed, it is served.
        _bench.Connect().Publish("1", "a");
        Assert.Equal(stored ? "" : "a", alice.Look());
    }

    [Fact]
    public void An_empty_topic_that_nobody_uses_rests_and_goes_on_with_its_numbers_and_producers()
    {
        var client = _bench.Connect(producer: "p");
        client.Subscribe();
        Assert.Equal(1, client.Publish("1", "a", ttl: 100, number: 5).Sequence);
        client.Unsubscribe();
        Assert.False(_bench.TryRest());
        _bench.Advance(9_000);
        Assert.False(_bench.Shell.IsUnused);
        Assert.False(_bench.TryRest());
        _bench.Advance(1_000);
        Assert.True(_bench.Shell.IsUnused);
        Assert.True(_bench.TryRest());
        Assert.True(_bench.Resting!.HasPast);
        Assert.Single(_bench.Journal.Addresses);
        Assert.Equal(Outcome.Repeated, client.Publish("1", "a", number: 5).Outcome);
        Assert.Equal(2, client.Publish("2", "b", number: 6).Sequence);
        _bench.Restart();
        Assert.Equal(2, _bench.Stats.LastSequence);
    }

    [Fact]
    public void What_was_released_while_the_topic_rested_is_stored_again_with_its_first_commit()
    {
        _bench.Connect().Publish("1", "a", ttl: 100);
        _bench.Advance(20_000);
        Assert.True(_bench.TryRest());
        var shell = new TopicShell(TopicBench.Name, _bench.Limits, _bench.Journal, _bench.Cache, _bench.Time, _ => { }, _ => { });
        _bench.Journal.Release(_bench.Resting!.Address, _bench.Resting.Bytes);
        Assert.Empty(_bench.Journal.Addresses);
        shell.Resume(_bench.Resting, isHeld: false, isUsed: true);
        shell.Recovered([]);
        shell.Flush();
        Assert.Single(_bench.Journal.Addresses);
        _bench.Restart();
        Assert.Equal(1, _bench.Stats.LastSequence);
    }

    [Fact]
    public void A_topic_with_events_or_subscriptions_does_not_rest()
    {
        var alice = _bench.Connect("alice");
        alice.Subscribe();
        alice.Disconnect();
        _bench.Advance(60_000);
        Assert.False(_bench.TryRest());
        _bench.Connect().Publish("1", "kept for late comers");
        _bench.Connect("alice").Unsubscribe();
        _bench.Advance(60_000);
        Assert.False(_bench.TryRest());
        _bench.Advance((int)TimeSpan.FromHours(25).TotalMilliseconds);
        Assert.True(_bench.TryRest());
    }

    [Fact]
    public void A_topic_that_was_only_named_leaves_nothing_to_remember()
    {
        var client = _bench.Connect();
        client.Send(c => c.Acknowledge(Encoding.UTF8.GetBytes("1")));
        client.Subscribe();
        client.Disconnect();
        _bench.Advance(10_000);
        Assert.True(_bench.TryRest());
        Assert.False(_bench.Resting!.HasPast);
    }

    [Fact]
    public void The_topic_wakes_when_it_may_be_given_back_and_then_rests_in_peace()
    {
        var client = _bench.Connect();
        client.Subscribe();
        client.Unsubscribe();
        Assert.Equal(_bench.Now + 10_000, _bench.Shell.NextWakeMs);
        _bench.Advance(10_000);
        Assert.Null(_bench.Shell.NextWakeMs);
    }

    private static SubscribeOptions BrokerStart() => new() { Window = 10, From = StartPosition.Start };
}
