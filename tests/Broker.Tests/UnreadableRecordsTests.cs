namespace Rookery.Broker.Tests;

/// <summary>Records that are gone or damaged cost what they hit and nothing else.</summary>
public class UnreadableRecordsTests
{
    private readonly TopicBench _bench = new();

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
        alice.Subscribe(new SubscribeOptions { Window = 10 });
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
}
