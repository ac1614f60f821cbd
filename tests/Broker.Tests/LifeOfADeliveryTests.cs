using System.Text;

namespace Rookery.Broker.Tests;

/// <summary>Deliveries from the first to the last: leases, what is given back, dead letters.</summary>
public class LifeOfADeliveryTests
{
    private readonly TopicBench _bench = new();

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
}
