using Rookery.Broker;

namespace Rookery.Grains.Interfaces;

/// <summary>How a batch of commands travels: its ordinal, their number, and each by its kind, in one run of bytes.</summary>
public static class CommandCodec
{
    /// <summary>Writes a batch.</summary>
    public static void Write(FlatWriter writer, TopicCommands commands)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(commands);
        writer.Number(commands.Ordinal);
        writer.Number(commands.Commands.Length);
        foreach (ref readonly var command in commands.Commands)
        {
            writer.Byte((byte)command.Kind);
            switch (command.Kind)
            {
                case CommandKind.Publish:
                    writer.Byte((byte)command.Priority);
                    writer.Number(command.Milliseconds);
                    writer.Number(command.Number);
                    writer.Bytes(commands.BytesOf(command.Id));
                    writer.Bytes(commands.BytesOf(command.Message));
                    break;
                case CommandKind.Subscribe:
                    Write(writer, command.Options ?? new SubscribeOptions());
                    break;
                case CommandKind.AcknowledgeId:
                    writer.Bytes(commands.BytesOf(command.Id));
                    break;
                case CommandKind.AcknowledgeRanges:
                    Write(writer, commands.Ranges.Slice(command.Ranges.Start, command.Ranges.Length));
                    break;
                case CommandKind.ReturnId:
                    writer.Bytes(commands.BytesOf(command.Id));
                    writer.Number(command.Milliseconds);
                    break;
                case CommandKind.ReturnSequence:
                    writer.Number(command.Number);
                    writer.Number(command.Milliseconds);
                    break;
                case CommandKind.Unsubscribe or CommandKind.ListDead:
                    writer.Bytes(commands.BytesOf(command.Id));
                    break;
                case CommandKind.ReplayDead or CommandKind.DiscardDead:
                    writer.Number(command.Number);
                    writer.Bytes(commands.BytesOf(command.Id));
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Reads a batch for a topic.</summary>
    /// <param name="reader">Where it stands.</param>
    /// <param name="topic">The topic it is for.</param>
    /// <param name="commands">Where it goes.</param>
    /// <param name="credit">What becomes of the credit that a subscription begins with; null: it stays as it is.</param>
    /// <exception cref="InvalidDataException">The bytes are not what <see cref="Write(FlatWriter, TopicCommands)"/> wrote.</exception>
    public static void Read(ref FlatReader reader, TopicName topic, TopicCommands commands, Func<long, long>? credit = null)
    {
        ArgumentNullException.ThrowIfNull(commands);
        commands.Reset(topic, reader.Number());
        Span<SequenceRange> few = stackalloc SequenceRange[16];
        for (var left = reader.Count(); left > 0; left--)
        {
            var kind = (CommandKind)reader.Byte();
            switch (kind)
            {
                case CommandKind.Publish:
                    var priority = (sbyte)reader.Byte();
                    var (timeToLive, number) = (reader.Number(), reader.Number());
                    commands.Publish(reader.Bytes().Span, reader.Bytes().Span, priority, timeToLive, number);
                    break;
                case CommandKind.Subscribe:
                    var options = ReadOptions(ref reader);
                    commands.Subscribe(credit is null ? options : options with { Credit = credit(options.Credit) });
                    break;
                case CommandKind.Unsubscribe:
                    commands.Unsubscribe(reader.Bytes().Span);
                    break;
                case CommandKind.AcknowledgeId:
                    commands.Acknowledge(reader.Bytes().Span);
                    break;
                case CommandKind.AcknowledgeRanges:
                    var count = reader.Count();
                    var ranges = count <= few.Length ? few[..count] : new SequenceRange[count];
                    foreach (ref var range in ranges)
                    {
                        var first = reader.Number();
                        range = new SequenceRange(first, first + reader.Number());
                    }

                    commands.Acknowledge(ranges);
                    break;
                case CommandKind.ReturnId:
                    commands.Return(reader.Bytes().Span, reader.Number());
                    break;
                case CommandKind.ReturnSequence:
                    commands.Return(reader.Number(), reader.Number());
                    break;
                case CommandKind.DropTopic:
                    commands.DropTopic();
                    break;
                case CommandKind.ListDead:
                    commands.DeadLetters(kind, key: reader.Bytes().Span);
                    break;
                case CommandKind.ReplayDead or CommandKind.DiscardDead:
                    commands.DeadLetters(kind, reader.Number(), reader.Bytes().Span);
                    break;
                default:
                    throw new InvalidDataException($"command kind {(byte)kind} is not known to this version");
            }
        }
    }

    private static void Write(FlatWriter writer, ReadOnlySpan<SequenceRange> ranges)
    {
        writer.Number(ranges.Length);
        foreach (var range in ranges)
        {
            writer.Number(range.First);
            writer.Number(range.Last - range.First);
        }
    }

    private static void Write(FlatWriter writer, SubscribeOptions options)
    {
        writer.Text(options.Group);
        WriteOptional(writer, options.Window);
        WriteOptional(writer, options.LeaseMs);
        WriteOptional(writer, options.MaxTries);
        writer.Byte(options.From is { } from ? (byte)(from.Kind + 1) : (byte)0);
        writer.Number(options.From?.Value ?? 0);
        writer.Number(options.Credit);
    }

    private static SubscribeOptions ReadOptions(ref FlatReader reader) => new()
    {
        Group = reader.Text(),
        Window = ReadOptional(ref reader),
        LeaseMs = ReadOptional(ref reader),
        MaxTries = ReadOptional(ref reader),
        From = ReadStart(reader.Byte(), reader.Number()),
        Credit = reader.Number(),
    };

    private static StartPosition? ReadStart(byte kind, long value) => kind switch
    {
        0 => null,
        (byte)StartKind.New + 1 => StartPosition.New,
        (byte)StartKind.Start + 1 => StartPosition.Start,
        (byte)StartKind.Sequence + 1 => StartPosition.At(value),
        (byte)StartKind.Time + 1 => StartPosition.Since(DateTimeOffset.FromUnixTimeMilliseconds(value)),
        _ => throw new InvalidDataException($"start kind {kind} is not known to this version"),
    };

    // What a client may have sent is judged by the topic, so a negative number has to arrive as one.
    private static void WriteOptional(FlatWriter writer, int? value)
    {
        writer.Byte(value is null ? (byte)0 : (byte)1);
        if (value is { } number)
        {
            writer.Number(number);
        }
    }

    private static int? ReadOptional(ref FlatReader reader) => reader.Byte() == 0 ? null : (int)reader.Number();
}
