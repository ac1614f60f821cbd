using System.Text;
using Rookery.Broker;
using Rookery.Grains;
using Rookery.Grains.Interfaces;

namespace Rookery.Cluster.Tests;

/// <summary>What travels between gateways and silos arrives as it was sent.</summary>
public sealed class CodecTests
{
    private static readonly TopicName Topic = TopicName.Parse("t");

    [Fact]
    public void Commands_of_every_kind_arrive_as_they_were()
    {
        var sent = new TopicCommands();
        sent.Reset(Topic, 42);
        sent.Publish("\"a\""u8, "{\"x\":1}"u8, -128, 1000, long.MaxValue);
        sent.Subscribe(new SubscribeOptions
        {
            Group = "g",
            Window = -1,
            LeaseMs = 5,
            MaxTries = 0,
            From = StartPosition.Since(DateTimeOffset.FromUnixTimeMilliseconds(123456)),
            Credit = 99,
        });
        sent.Subscribe(new SubscribeOptions());
        sent.Unsubscribe();
        sent.Acknowledge("id"u8);
        sent.Acknowledge([new SequenceRange(1, 5), new SequenceRange(long.MaxValue, long.MaxValue)]);
        sent.Return("id"u8, 7);
        sent.Return(8, 9);
        sent.DeadLetters(CommandKind.ListDead);
        sent.DeadLetters(CommandKind.ReplayDead, 3);
        sent.DeadLetters(CommandKind.DiscardDead, 4);
        sent.Unsubscribe("client:alice"u8);
        sent.DeadLetters(CommandKind.ListDead, key: "group:g"u8);
        sent.DeadLetters(CommandKind.ReplayDead, 5, "group:g"u8);

        using var writer = new FlatWriter(16);
        CommandCodec.Write(writer, sent);
        var reader = new FlatReader(writer.ToArray());
        var received = new TopicCommands();
        CommandCodec.Read(ref reader, Topic, received);
        Assert.True(reader.AtEnd);
        Assert.Equal(42, received.Ordinal);
        Assert.Equal(sent.Commands.Length, received.Commands.Length);
        for (var i = 0; i < sent.Commands.Length; i++)
        {
            var (one, other) = (sent.Commands[i], received.Commands[i]);
            Assert.Equal((one.Kind, one.Priority, one.Milliseconds, one.Number, one.Options), (other.Kind, other.Priority, other.Milliseconds, other.Number, other.Options));
            Assert.Equal(Encoding.UTF8.GetString(sent.BytesOf(one.Id)), Encoding.UTF8.GetString(received.BytesOf(other.Id)));
            Assert.Equal(Encoding.UTF8.GetString(sent.BytesOf(one.Message)), Encoding.UTF8.GetString(received.BytesOf(other.Message)));
        }

        Assert.Equal(sent.Ranges.ToArray(), received.Ranges.ToArray());
    }

    [Fact]
    public void Bytes_cut_anywhere_are_refused()
    {
        var sent = new TopicCommands();
        sent.Reset(Topic, 1);
        sent.Publish("\"a\""u8, "\"message\""u8);
        using var writer = new FlatWriter();
        CommandCodec.Write(writer, sent);
        var whole = writer.ToArray();
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() =>
            {
                var reader = new FlatReader(whole[..length]);
                CommandCodec.Read(ref reader, Topic, new TopicCommands());
            });
        }
    }

    [Fact]
    public void Results_arrive_as_they_were()
    {
        var sent = new TopicCommands();
        sent.Reset(Topic, 0);
        sent.Unsubscribe();
        sent.Unsubscribe();
        sent.Unsubscribe();
        sent.Results[0] = new CommandResult { Outcome = Outcome.Done, Flag = true, Count = 3, Sequence = 1L << 40 };
        sent.Results[1] = new CommandResult { Outcome = Outcome.Unknown, Detail = "why" };
        sent.Results[2] = new CommandResult
        {
            Outcome = Outcome.Done,
            DeadLetters = [new DeadLetter(1, -5, 2, 3, 4, "\"i\""u8.ToArray(), "\"m\""u8.ToArray())],
        };
        using var writer = new FlatWriter();
        ResultCodec.Write(writer, sent);
        var reader = new FlatReader(writer.ToArray());
        var received = new TopicCommands();
        received.Reset(Topic, 0);
        received.Unsubscribe();
        received.Unsubscribe();
        received.Unsubscribe();
        ResultCodec.Read(ref reader, received);
        Assert.True(reader.AtEnd);
        Assert.Equal(sent.Results[0], received.Results[0]);
        Assert.Equal(sent.Results[1], received.Results[1]);
        var (one, other) = (sent.Results[2].DeadLetters![0], received.Results[2].DeadLetters![0]);
        Assert.Equal((one.Sequence, one.Priority, one.PublishedAt, one.DiedAt, one.Tries), (other.Sequence, other.Priority, other.PublishedAt, other.DiedAt, other.Tries));
        Assert.True(one.Message.Span.SequenceEqual(other.Message.Span) && one.Id.Span.SequenceEqual(other.Id.Span));
    }

    [Fact]
    public void A_head_is_read_as_it_was_written_and_one_of_a_newer_version_is_refused()
    {
        var head = new LogHead { Epoch = 3, From = 900, ClearedTo = 100 };
        head.Live.AddRange([7, 8, 800]);
        head.Removing.AddRange([2, 99]);
        head.Marks.Add((50, 1_700_000_000_000));
        var bytes = head.ToBytes();
        var read = LogHead.Read(bytes);
        Assert.Equal((head.Epoch, head.From, head.ClearedTo), (read.Epoch, read.From, read.ClearedTo));
        Assert.Equal(head.Live, read.Live);
        Assert.Equal(head.Removing, read.Removing);
        Assert.Equal(head.Marks, read.Marks);
        bytes[0] = 9;
        Assert.Contains("version 9", Assert.Throws<InvalidDataException>(() => LogHead.Read(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_spread_over_the_parts_of_the_registry_and_always_in_the_same_way()
    {
        Assert.Equal(RegistryShards.Of(null, "alice"), RegistryShards.Of("", "alice"));
        var parts = Enumerable.Range(0, 3200).Select(i => RegistryShards.Of("owner", $"client-{i}")).GroupBy(shard => shard).Select(one => one.Count()).ToList();
        Assert.Equal(RegistryShards.Count, parts.Count);
        Assert.All(parts, count => Assert.InRange(count, 50, 200));
    }
}
