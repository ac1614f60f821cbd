using System.Text;

namespace Rookery.Broker.Tests;

/// <summary>What a topic makes of its log: it is there again after a restart, larger than memory, and given back when nobody needs it.</summary>
public class JournalTests
{
    private readonly TopicBench _bench = new();

    [Fact]
    public void A_named_subscription_survives_a_restart_with_what_it_settled()
    {
        var alice = _bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { Window = 3 });
        for (var i = 1; i <= 6; i++)
        {
            alice.Publish($"{i}", $"e{i}", (sbyte)(i % 2));
        }

        Assert.Equal("e1 e2 e3", alice.Look());
        alice.Ack(2);
        alice.Ack(3);
        alice.Look();
        _bench.Restart();
        alice = _bench.Connect("alice");
        Assert.False(alice.Subscribe(new SubscribeOptions { Window = 10 }).Flag);
        Assert.Equal("e1 e5 e4 e6", alice.Look());
    }

    [Fact]
    public void An_unnamed_subscription_ends_with_the_process()
    {
        var client = _bench.Connect();
        client.Subscribe();
        client.Publish("1", "a");
        _bench.Restart();
        Assert.Empty(_bench.Stats.Subscriptions);
        Assert.Equal(1, _bench.Stats.Events);
    }

    [Fact]
    public void Producers_are_remembered_across_a_restart()
    {
        _bench.Connect(producer: "p").Publish("1", "a", number: 7);
        _bench.Restart();
        var repeated = _bench.Connect(producer: "p").Publish("1", "a", number: 7);
        Assert.Equal((Outcome.Repeated, 1L), (repeated.Outcome, repeated.Sequence));
    }

    [Fact]
    public void A_backlog_larger_than_the_cache_is_read_back_about_once_per_frame()
    {
        var bench = new TopicBench(cacheBytes: 6_000);
        var alice = bench.Connect("alice");
        alice.Subscribe();
        alice.Disconnect();
        var publisher = bench.Connect();
        for (var i = 0; i < 50; i++)
        {
            publisher.Send(c =>
            {
                for (var j = 0; j < 20; j++)
                {
                    c.Publish("1"u8, "\"some message of a few bytes\""u8);
                }
            });
        }

        alice = bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { Window = 7 });
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(alice.Received.Count > i);
            Assert.Equal(i + 1, alice.Received[i].Sequence);
            alice.Ack(i + 1);
        }

        Assert.InRange(bench.Journal.Reads, 40, 60);
        Assert.InRange(bench.Cache.Bytes, 0, 6_000);
    }

    [Fact]
    public void What_nobody_needs_is_released_and_numbers_go_on()
    {
        var bench = new TopicBench(new BrokerLimits { Retention = new Retention { KeepEvents = 0 } });
        var alice = bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { Window = 100 });
        for (var i = 0; i < 100; i++)
        {
            alice.Publish("1", "\"a message of some bytes\"");
        }

        alice.Ack(1, 100);
        bench.Shell.Compact(0, long.MaxValue);
        bench.Turn();
        Assert.Single(bench.Journal.Addresses);
        bench.Restart();
        Assert.Equal(0, bench.Stats.Events);
        Assert.Equal(101, bench.Connect().Publish("1", "x").Sequence);
        alice = bench.Connect("alice");
        Assert.False(alice.Subscribe().Flag);
        Assert.Equal("x", alice.Look());
    }

    [Fact]
    public void One_stuck_event_moves_and_the_rest_is_given_back()
    {
        var bench = new TopicBench(new BrokerLimits { Retention = new Retention { KeepEvents = 0 } }, cacheBytes: 0);
        var alice = bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { Window = 1000 });
        for (var i = 0; i < 100; i++)
        {
            alice.Publish("7", $"{i}", (sbyte)(i % 3), ttl: i == 5 ? 60_000 : 0);
        }

        alice.Ack(1, 5);
        alice.Ack(7, 100);
        var last = bench.Journal.Addresses.Last();
        bench.Shell.Compact(0, last + 1);
        bench.Turn();
        Assert.All(bench.Journal.Addresses, address => Assert.True(address > last));
        bench.Restart();
        alice = bench.Connect("alice");
        alice.Subscribe();
        var seen = Assert.Single(alice.Received);
        Assert.Equal((6L, "5", (sbyte)2), (seen.Sequence, seen.Message, seen.Priority));
        bench.Advance(60_000);
        Assert.Equal(0, bench.Stats.Events);
    }

    [Fact]
    public void A_move_that_a_full_disk_ended_keeps_nothing_from_moving_afterwards()
    {
        var bench = new TopicBench(new BrokerLimits { Retention = new Retention { KeepEvents = 0 } });
        var alice = bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { Window = 100 });
        alice.Publish("1", "1");
        var early = bench.Journal.Addresses.Last();
        var large = Encoding.UTF8.GetBytes($"\"{new string('x', 400_000)}\"");
        alice.Send(c =>
        {
            for (var i = 0; i < 12; i++)
            {
                c.Publish("2"u8, large);
            }
        });
        var late = bench.Journal.Addresses.Last();
        bench.Journal.Holds = true;
        bench.Shell.Compact(late, late + 1);
        bench.Turn();
        bench.Shell.WhyNoPublishes = "the disk is full";
        CompleteWrites();
        Assert.Contains(late, bench.Journal.Addresses);

        bench.Shell.WhyNoPublishes = null;
        bench.Shell.Compact(early, early + 1);
        bench.Turn();
        CompleteWrites();
        Assert.DoesNotContain(early, bench.Journal.Addresses);

        void CompleteWrites()
        {
            while (bench.Journal.HasPending)
            {
                bench.CompleteWrite();
            }
        }
    }

    [Fact]
    public void A_crash_between_move_and_deletion_leaves_one_event()
    {
        var bench = new TopicBench(new BrokerLimits { Retention = new Retention { KeepEvents = 0 } });
        var alice = bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { Window = 10 });
        alice.Publish("1", "a");
        alice.Publish("2", "b");
        var old = bench.Journal.Addresses.Select(address => (address, bench.Journal.FrameAt(address))).ToList();
        bench.Shell.Compact(0, long.MaxValue);
        bench.Turn();
        old.ForEach(frame => bench.Journal.Put(frame.address, frame.Item2));
        bench.Restart();
        Assert.Equal(2, bench.Stats.Events);
        alice = bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { Window = 10 });
        Assert.Equal("a b", alice.Look());
        alice.Ack(1, 2);
        bench.Shell.Compact(0, long.MaxValue);
        bench.Turn();
        Assert.Single(bench.Journal.Addresses);
    }

    [Fact]
    public async Task The_cache_keeps_its_bound_whoever_uses_it()
    {
        var cache = new FrameCache(100_000);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            var held = new List<CachedFrame>();
            for (var i = 0; i < 2000; i++)
            {
                var batch = new RecordBatch(TopicBench.Name);
                batch.Begin(0, 1, 0);
                batch.Publish(0, 0, 0, "1"u8, new byte[i]);
                batch.Seal();
                var frame = batch.ToCachedFrame();
                Assert.True(frame.TryHold());
                cache.Add(frame);
                held.Add(frame);
                if (held.Count > 10)
                {
                    Assert.True(held[0].TryFind(1, out var stored));
                    Assert.Equal(i - 10, stored.MessageLength);
                    held[0].LetGo();
                    cache.Remove(held[0]);
                    Assert.False(held[0].TryHold());
                    held.RemoveAt(0);
                }
            }
        })));
        Assert.InRange(cache.Bytes, 0, 100_000);
    }
}
