namespace Rookery.Broker.Tests;

public class JournalTests
{
    private readonly TopicBench _bench = new();

    [Fact]
    public void Nothing_is_confirmed_or_delivered_before_it_is_durable()
    {
        var client = _bench.Connect();
        client.Subscribe(new SubscribeOptions { Window = 10 });
        _bench.Journal.Holds = true;
        var first = client.Send(c => c.Publish("1"u8, "1"u8));
        var second = client.Send(c => c.Publish("2"u8, "2"u8));
        Assert.False(first.IsComplete || second.IsComplete);
        Assert.Empty(client.Received);
        _bench.CompleteWrite();
        Assert.True(first.IsComplete);
        Assert.False(second.IsComplete);
        Assert.Equal("1", client.Look());
        _bench.CompleteWrite();
        Assert.True(second.IsComplete);
        Assert.Equal("2", client.Look());
    }

    [Fact]
    public void What_gathers_while_a_write_is_in_flight_is_one_commit()
    {
        var client = _bench.Connect();
        _bench.Journal.Holds = true;
        client.Publish("1", "1");
        for (var i = 0; i < 50; i++)
        {
            client.Publish("1", "1");
        }

        Assert.Equal(1, _bench.Journal.Appends);
        _bench.CompleteWrite();
        _bench.CompleteWrite();
        Assert.Equal(2, _bench.Journal.Appends);
        Assert.False(_bench.Journal.HasPending);
        Assert.Equal(51, _bench.Stats.LastSequence);
    }

    [Fact]
    public void A_durable_event_goes_out_at_once_though_a_write_is_in_flight()
    {
        var client = _bench.Connect();
        client.Subscribe();
        client.Publish("1", "a");
        client.Publish("2", "b");
        client.Look();
        _bench.Journal.Holds = true;
        var ack = client.Send(c => c.Acknowledge("1"u8));
        Assert.False(ack.IsComplete);
        Assert.Equal(ack.Commands.Ordinal, Assert.Single(client.Received).After);
    }

    [Fact]
    public void A_command_that_records_nothing_still_waits_for_what_was_before_it()
    {
        var client = _bench.Connect(producer: "p");
        _bench.Journal.Holds = true;
        client.Send(c => c.Publish("1"u8, "1"u8, number: 1));
        var repeat = client.Send(c => c.Publish("1"u8, "1"u8, number: 1));
        Assert.False(repeat.IsComplete);
        _bench.CompleteWrite();
        Assert.Equal(Outcome.Repeated, repeat.Result.Outcome);
        Assert.Equal(1, _bench.Journal.Appends);
    }

    [Fact]
    public void A_failed_write_answers_unknown_and_what_was_not_written_unavailable()
    {
        var client = _bench.Connect();
        client.Subscribe();
        _bench.Journal.Holds = true;
        var first = client.Send(c => c.Publish("1"u8, "1"u8));
        var second = client.Send(c => c.Publish("2"u8, "2"u8));
        _bench.Journal.FailAppend(stored: false);
        _bench.Turn();
        Assert.Equal(Outcome.Unknown, first.Result.Outcome);
        Assert.Equal(Outcome.Unavailable, second.Result.Outcome);
        Assert.True(_bench.Shell.IsFailed);
        Assert.Single(_bench.Failures);
        Assert.Equal(Outcome.Unavailable, client.Publish("3", "3").Outcome);
        Assert.Empty(client.Received);
    }

    [Fact]
    public void A_journal_far_behind_has_commands_refused_before_memory_is_gone()
    {
        var client = _bench.Connect();
        _bench.Journal.Holds = true;
        var message = new byte[1_000_000];
        var outcomes = new List<TopicBench.Reply>();
        for (var i = 0; i < 200 && !outcomes.Exists(reply => reply.IsComplete); i++)
        {
            outcomes.Add(client.Send(c => c.Publish("1"u8, message)));
        }

        Assert.Equal(Outcome.Unavailable, outcomes[^1].Result.Outcome);
        Assert.InRange(_bench.Shell.PendingBytes, 100 << 20, 160 << 20);
        while (_bench.Journal.HasPending)
        {
            _bench.CompleteWrite();
        }

        Assert.All(outcomes.SkipLast(1), reply => Assert.Equal(Outcome.Done, reply.Result.Outcome));
        Assert.Equal(outcomes.Count - 1, _bench.Stats.LastSequence);
    }

    [Theory]
    [InlineData(false, "next")]
    [InlineData(true, "unsure next")]
    public void After_a_failure_sessions_go_on_with_what_the_journal_has(bool stored, string expected)
    {
        var client = _bench.Connect();
        client.Subscribe(new SubscribeOptions { Window = 5 });
        client.Publish("0", "zero");
        _bench.Journal.Holds = true;
        client.Send(c => c.Publish("1"u8, "unsure"u8));
        _bench.Journal.FailAppend(stored);
        _bench.Turn();
        _bench.Journal.Holds = false;
        client.Look();
        _bench.Recover();
        Assert.Equal(Outcome.Done, client.Publish("2", "next").Outcome);
        Assert.Equal("zero " + expected, client.Look());
    }

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
    public void A_frame_that_cannot_be_read_costs_only_its_own_events()
    {
        var bench = new TopicBench(cacheBytes: 0);
        var alice = bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { Window = 10 });
        alice.Disconnect();
        var publisher = bench.Connect();
        foreach (var message in new[] { "a", "b", "c" })
        {
            publisher.Publish("1", message);
        }

        bench.Journal.Damaged.Add(bench.Journal.Addresses.ElementAt(3));
        alice = bench.Connect("alice");
        alice.Subscribe();
        Assert.Equal("a c", alice.Look());
        Assert.Equal(1, bench.Stats.Dropped);
        Assert.Equal(2, bench.Stats.Events);
    }

    [Fact]
    public void A_missing_frame_harms_nothing_else_and_no_number_comes_twice()
    {
        var alice = _bench.Connect("alice");
        alice.Subscribe();
        alice.Publish("1", "a");
        alice.Publish("2", "b");
        alice.Publish("3", "c");
        _bench.Journal.Delete(_bench.Journal.Addresses.ElementAt(2));
        _bench.Restart();
        alice = _bench.Connect("alice");
        alice.Subscribe(new SubscribeOptions { Window = 9 });
        Assert.Equal("a c", alice.Look());
        Assert.Equal(4, alice.Publish("4", "d").Sequence);
    }

    [Fact]
    public void Without_the_record_of_its_beginning_a_subscription_is_gone_and_nobody_is_harmed()
    {
        var alice = _bench.Connect("alice");
        var bob = _bench.Connect("bob");
        alice.Subscribe();
        bob.Subscribe();
        alice.Publish("1", "a");
        alice.Ack("1");
        alice.Publish("2", "b");
        alice.Disconnect();
        _bench.Journal.Delete(_bench.Journal.Addresses.First());
        _bench.Restart();
        Assert.Equal("client:bob", Assert.Single(_bench.Stats.Subscriptions).Key);
        bob = _bench.Connect("bob");
        bob.Subscribe(new SubscribeOptions { Window = 9 });
        Assert.Equal("a b", bob.Look());
    }

    [Theory]
    [InlineData(new byte[] { 9, 1, 0 }, "records of format version 9; this program reads version 1")]
    [InlineData(new byte[] { 1, 1, 0, 77 }, "unknown record kind 77 at byte 3 of a frame; written by a newer version of this program?")]
    [InlineData(new byte[] { 1, 1, 0, 1, 0, 0, 9 }, "a record ends behind the 7 bytes of its frame")]
    public void Records_that_cannot_be_read_are_named(byte[] records, string message) =>
        Assert.Equal(message, Assert.Throws<InvalidDataException>(() => _bench.Shell.Replay(1, records)).Message);

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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Bytes_changed_at_random_are_refused_in_words_or_do_no_harm(int seed)
    {
        var alice = _bench.Connect("alice", producer: "p");
        alice.Subscribe(new SubscribeOptions { Window = 9, MaxTries = 1 });
        for (var i = 1; i <= 20; i++)
        {
            alice.Publish($"{i}", $"{i}", (sbyte)(i % 3), ttl: i % 5 * 1000, number: i);
        }

        alice.Ack(2, 6);
        alice.Nack(1);
        _bench.Shell.Compact(0, 1000);
        _bench.Turn();
        var frames = _bench.Journal.Addresses.Select(address => (Address: address, Bytes: _bench.Journal.FrameAt(address))).ToList();
        var random = new Random(seed);
        var survived = 0;
        for (var i = 0; i < 2000; i++)
        {
            var shell = new TopicShell(TopicBench.Name, _bench.Limits, new MemoryJournal { IsDeaf = true }, new FrameCache(0), _bench.Time, _ => { }, _ => { });
            try
            {
                foreach (var (address, bytes) in frames)
                {
                    FrameHeader.TryRead(bytes, out var header);
                    var records = header.RecordsOf(bytes).ToArray();
                    records[random.Next(records.Length)] ^= (byte)(1 << random.Next(8));
                    shell.Replay(address, records);
                }

                shell.Recovered([]);
                shell.Flush();
                Assert.NotNull(shell.GetStats());
                survived++;
            }
            catch (InvalidDataException exception)
            {
                Assert.NotEmpty(exception.Message);
            }
        }

        Assert.True(survived > 0);
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
