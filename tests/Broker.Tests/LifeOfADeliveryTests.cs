using System.Text;

namespace Rookery.Broker.Tests;

public class LifeOfADeliveryTests
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
    public void Without_a_lease_a_delivery_waits_as_long_as_its_connection_lives()
    {
        var client = _bench.Connect();
        client.Subscribe();
        client.Publish("1", "a");
        _bench.Advance(24 * 3600 * 1000);
        Assert.Equal("a", client.Look());
        Assert.Equal(Outcome.Done, client.Ack("1").Outcome);
    }

    [Fact]
    public void When_the_lease_runs_out_the_event_comes_again_with_one_try_more()
    {
        var client = _bench.Connect();
        client.Subscribe(new SubscribeOptions { LeaseMs = 1000 });
        client.Publish("1", "a");
        Assert.Equal(_bench.Now + 1000, _bench.Shell.NextWakeMs);
        _bench.Advance(999);
        Assert.Single(client.Received);
        _bench.Advance(1);
        Assert.Equal([1, 2], client.Received.Select(seen => seen.Tries));
        client.Ack("1");
        _bench.Advance(5000);
        Assert.Equal(2, client.Received.Count);
    }

    [Fact]
    public void A_late_ack_counts_while_the_event_was_not_delivered_again()
    {
        var client = _bench.Connect();
        client.Subscribe(new SubscribeOptions { LeaseMs = 1000, Credit = 1 });
        client.Publish("1", "a");
        client.Publish("2", "b");
        _bench.Advance(1000);
        Assert.Equal(1, _bench.Stats.Subscriptions[0].Waiting - 1);
        Assert.Equal(Outcome.Done, client.Ack("1").Outcome);
        client.Grant(10_000);
        Assert.Equal("a b", client.Look());
    }

    [Fact]
    public void A_nack_gives_back_into_the_old_place()
    {
        var client = _bench.Connect();
        client.Subscribe(new SubscribeOptions { Window = 2 });
        foreach (var message in new[] { "a", "b", "c" })
        {
            client.Publish("x", message);
        }

        Assert.Equal("a b", client.Look());
        client.Nack(2);
        Assert.Equal(("b", 2), (client.Received[0].Message, client.Received[0].Tries));
        client.Ack(1, 2);
        Assert.Equal("b c", client.Look());
    }

    [Fact]
    public void A_nack_with_a_delay_lets_others_pass()
    {
        var client = _bench.Connect();
        client.Subscribe();
        client.Publish("\"i\"", "a");
        client.Publish("\"j\"", "b");
        Assert.Equal(1, client.NackId("i", 500).Sequence);
        Assert.Equal("a b", client.Look());
        Assert.Equal(Outcome.NoSuchEvent, client.NackId("i").Outcome);
        client.Ack("j");
        Assert.Empty(client.Received);
        _bench.Advance(500);
        Assert.Equal("a", client.Look());
    }

    [Fact]
    public void A_delay_is_kept_across_a_restart()
    {
        var alice = _bench.Connect("alice");
        alice.Subscribe();
        alice.Publish("1", "a");
        alice.Nack(1, 500);
        _bench.Restart();
        alice = _bench.Connect("alice");
        alice.Subscribe();
        _bench.Advance(499);
        Assert.Empty(alice.Received);
        _bench.Advance(1);
        Assert.Equal(2, Assert.Single(alice.Received).Tries);
    }

    [Fact]
    public void After_its_last_try_an_event_is_a_dead_letter()
    {
        var client = _bench.Connect();
        client.Subscribe(new SubscribeOptions { MaxTries = 2 });
        client.Publish("\"id\"", "\"a\"", priority: 3);
        client.Publish("\"id\"", "\"b\"");
        client.Nack(1);
        client.Nack(1);
        Assert.Equal("\"a\" \"a\" \"b\"", client.Look());
        var listed = client.Dead(CommandKind.ListDead);
        var letter = Assert.Single(listed.DeadLetters!);
        Assert.Equal((1L, (sbyte)3, 2), (letter.Sequence, letter.Priority, letter.Tries));
        Assert.Equal("\"id\" \"a\"", $"{Encoding.UTF8.GetString(letter.Id.Span)} {Encoding.UTF8.GetString(letter.Message.Span)}");
        Assert.Equal(1, _bench.Stats.Subscriptions[0].Dead);
    }

    [Fact]
    public void A_dead_letter_put_back_starts_with_its_first_try()
    {
        var alice = _bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { MaxTries = 1 });
        alice.Publish("1", "a");
        alice.Nack(1);
        _bench.Restart();
        alice = _bench.Connect("alice");
        alice.Subscribe();
        Assert.Equal(Outcome.NoSuchEvent, alice.Dead(CommandKind.ReplayDead, 9).Outcome);
        Assert.Empty(alice.Received);
        Assert.Equal(1, alice.Dead(CommandKind.ReplayDead).Count);
        Assert.Equal(1, Assert.Single(alice.Received).Tries);
        alice.Ack("1");
        Assert.Equal(0, alice.Dead(CommandKind.ReplayDead).Count);
    }

    [Fact]
    public void A_discarded_dead_letter_is_gone_after_a_restart_too()
    {
        var bench = new TopicBench(new BrokerLimits { Retention = new Retention { KeepEvents = 0 } });
        var alice = bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { MaxTries = 1, Window = 2 });
        alice.Publish("1", "a");
        alice.Publish("2", "b");
        alice.Nack(1);
        alice.Nack(2);
        Assert.Equal(1, alice.Dead(CommandKind.DiscardDead, 1).Count);
        bench.Restart();
        alice = bench.Connect("alice");
        alice.Subscribe();
        Assert.Equal(2, Assert.Single(alice.Dead(CommandKind.ListDead).DeadLetters!).Sequence);
        Assert.Equal(1, bench.Stats.Events);
    }

    [Fact]
    public void Of_too_many_dead_letters_the_oldest_goes()
    {
        var bench = new TopicBench(new BrokerLimits { MaxDeadLetters = 2 });
        var client = bench.Connect();
        client.Subscribe(new SubscribeOptions { MaxTries = 1 });
        for (var i = 1; i <= 3; i++)
        {
            client.Publish("1", "a");
            client.Nack(i);
        }

        Assert.Equal([2L, 3L], client.Dead(CommandKind.ListDead).DeadLetters!.Select(letter => letter.Sequence));
    }

    [Fact]
    public void Dead_letters_are_read_back_where_memory_has_them_no_more()
    {
        var bench = new TopicBench(cacheBytes: 0);
        var client = bench.Connect();
        client.Subscribe(new SubscribeOptions { MaxTries = 1 });
        for (var i = 1; i <= 100; i++)
        {
            client.Publish("1", $"{i}");
            client.Nack(i);
        }

        var letters = client.Dead(CommandKind.ListDead).DeadLetters!;
        Assert.Equal(Enumerable.Range(1, 100).Select(i => $"{i}"), letters.Select(letter => Encoding.UTF8.GetString(letter.Message.Span)));
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

    [Fact]
    public void An_event_ends_with_its_time_to_live()
    {
        var client = _bench.Connect();
        client.Subscribe();
        client.Publish("1", "a", ttl: 1000);
        client.Publish("2", "b", ttl: 1000);
        client.Publish("3", "c");
        _bench.Advance(1000);
        Assert.Equal(Outcome.Done, client.Ack("1").Outcome);
        Assert.Equal("a c", client.Look());
        Assert.Equal(2, _bench.Stats.Expired);
    }

    [Fact]
    public void Settled_events_are_kept_for_late_comers_within_bounds()
    {
        var bench = new TopicBench(new BrokerLimits { Retention = new Retention { KeepEvents = 3, KeepAge = TimeSpan.FromSeconds(10) } });
        var client = bench.Connect();
        for (var i = 1; i <= 5; i++)
        {
            client.Publish("1", $"{i}");
        }

        client.Subscribe(new SubscribeOptions { From = StartPosition.Start, Window = 9 });
        Assert.Equal("3 4 5", client.Look());
        bench.Advance(20_000);
        Assert.Equal(3, bench.Stats.Events);
        client.Ack(3, 5);
        Assert.Equal(0, bench.Stats.Events);
    }

    [Fact]
    public void Bytes_kept_are_bounded_too()
    {
        var bench = new TopicBench(new BrokerLimits { Retention = new Retention { KeepBytes = 100 } });
        var client = bench.Connect();
        for (var i = 1; i <= 20; i++)
        {
            client.Publish("1", "\"0123456789\"");
        }

        Assert.InRange(bench.Stats.Bytes, 1, 100);
    }

    [Fact]
    public void A_full_topic_drops_the_oldest_and_counts_them()
    {
        var bench = new TopicBench(new BrokerLimits { Retention = new Retention { MaxEvents = 3, KeepEvents = 0 } });
        var alice = bench.Connect("alice");
        alice.Subscribe();
        for (var i = 1; i <= 5; i++)
        {
            alice.Publish($"{i}", $"{i}");
        }

        Assert.Equal(2, bench.Stats.Dropped);
        Assert.Equal(Outcome.Done, alice.Ack("1").Outcome);
        Assert.Equal("1 3", alice.Look());
        alice.Ack("3");
        alice.Ack("4");
        bench.Restart();
        alice = bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { Window = 9 });
        Assert.Equal("5", alice.Look());
    }

    [Fact]
    public void A_full_topic_refuses_where_it_was_told_to()
    {
        var bench = new TopicBench(new BrokerLimits { Retention = new Retention { MaxEvents = 2, Overflow = Overflow.Refuse } });
        var client = bench.Connect();
        client.Subscribe();
        client.Publish("1", "a");
        client.Publish("2", "b");
        var refused = client.Publish("3", "c");
        Assert.Equal((Outcome.Refused, "the topic holds 2 events that wait; the limit is 2"), (refused.Outcome, refused.Detail));
        client.Ack("1");
        Assert.Equal(3, client.Publish("3", "c").Sequence);
    }

    [Theory]
    [InlineData(Overflow.DropOldest)]
    [InlineData(Overflow.Refuse)]
    public void A_topic_that_is_full_of_bytes_does_what_it_was_told_to(Overflow overflow)
    {
        var bench = new TopicBench(new BrokerLimits { Retention = new Retention { MaxBytes = 1024, KeepEvents = 0, Overflow = overflow } });
        var client = bench.Connect();
        client.Subscribe();
        var message = new string('x', 400);
        client.Publish("1", message);
        client.Publish("2", message);
        var third = client.Publish("3", message);
        if (overflow == Overflow.Refuse)
        {
            Assert.Equal(Outcome.Refused, third.Outcome);
            Assert.Matches("^the topic holds [0-9]+ bytes of events that wait; the limit is 1024$", third.Detail);
            client.Ack("1");
            third = client.Publish("3", message);
        }

        Assert.Equal((Outcome.Done, 3), (third.Outcome, third.Sequence));
        Assert.Equal((overflow == Overflow.Refuse ? 0 : 1, 3), (bench.Stats.Dropped, bench.Stats.LastSequence));
        Assert.InRange(bench.Stats.Bytes, 800, 1024);
    }

    [Fact]
    public void Events_go_at_their_greatest_age()
    {
        var bench = new TopicBench(new BrokerLimits { Retention = new Retention { MaxAge = TimeSpan.FromSeconds(10) } });
        var client = bench.Connect();
        client.Subscribe();
        client.Publish("1", "a");
        client.Publish("2", "b");
        bench.Advance(11_000);
        client.Publish("3", "c");
        client.Ack("1");
        Assert.Equal("a c", client.Look());
        Assert.Equal(2, bench.Stats.Dropped);
    }
}
