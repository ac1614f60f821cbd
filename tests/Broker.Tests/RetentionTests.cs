using System.Text;

namespace Rookery.Broker.Tests;

/// <summary>How long events are kept, and what a full topic does.</summary>
public class RetentionTests
{
    private readonly TopicBench _bench = new();

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
    public void Behind_a_numbered_event_that_is_refused_none_of_its_batch_is_stored_so_that_it_can_come_again()
    {
        var bench = new TopicBench(new BrokerLimits { Retention = new Retention { MaxBytes = 1024, KeepEvents = 0, Overflow = Overflow.Refuse } });
        var client = bench.Connect(producer: "p");
        client.Subscribe();
        client.Publish("1", new string('x', 800), number: 1);

        Assert.Equal([Outcome.Refused, Outcome.Refused, Outcome.Refused], PublishRest());
        Assert.Equal(Outcome.Done, bench.Connect(producer: "q").Publish("5", "y", number: 1).Outcome);

        client.Ack("1");
        Assert.Equal([Outcome.Done, Outcome.Done, Outcome.Done], PublishRest());

        Outcome[] PublishRest() => [.. client.Send(c =>
        {
            c.Publish("2"u8, Encoding.UTF8.GetBytes($"\"{new string('x', 400)}\""), number: 2);
            c.Publish("3"u8, "1"u8, number: 3);
            c.Publish("4"u8, "1"u8, number: 4);
        }).Commands.Results.ToArray().Select(result => result.Outcome)];
    }

    [Fact]
    public void An_event_that_no_room_would_ever_be_enough_for_is_not_refused_but_invalid()
    {
        var bench = new TopicBench(new BrokerLimits { Retention = new Retention { MaxBytes = 1024, KeepEvents = 0, Overflow = Overflow.Refuse } });
        var result = bench.Connect().Publish("1", new string('x', 2000));

        Assert.Equal(Outcome.Invalid, result.Outcome);
        Assert.EndsWith("the limit of all that wait in the topic is 1024", result.Detail, StringComparison.Ordinal);
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
