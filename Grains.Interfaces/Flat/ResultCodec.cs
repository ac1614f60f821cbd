using Rookery.Broker;

namespace Rookery.Grains.Interfaces;

/// <summary>How the results of a batch travel: most of them are a byte or two.</summary>
public static class ResultCodec
{
    private const byte HasFlag = 0x10;
    private const byte HasCount = 0x20;
    private const byte HasSequence = 0x40;
    private const byte HasMore = 0x80;

    /// <summary>Writes the results of a batch.</summary>
    public static void Write(FlatWriter writer, TopicCommands commands)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(commands);
        foreach (ref readonly var result in commands.Results)
        {
            var hasMore = result.Detail is not null || result.DeadLetters is not null;
            writer.Byte((byte)((byte)result.Outcome | (result.Flag ? HasFlag : 0) | (result.Count != 0 ? HasCount : 0)
                | (result.Sequence != 0 ? HasSequence : 0) | (hasMore ? HasMore : 0)));
            if (result.Count != 0)
            {
                writer.Number(result.Count);
            }

            if (result.Sequence != 0)
            {
                writer.Number(result.Sequence);
            }

            if (hasMore)
            {
                writer.Text(result.Detail);
                Write(writer, result.DeadLetters);
            }
        }
    }

    /// <summary>Reads results into the batch they belong to.</summary>
    /// <exception cref="InvalidDataException">The bytes are not results of so many commands.</exception>
    public static void Read(ref FlatReader reader, TopicCommands commands)
    {
        ArgumentNullException.ThrowIfNull(commands);
        foreach (ref var result in commands.Results)
        {
            var head = reader.Byte();
            result = new CommandResult
            {
                Outcome = (Outcome)(head & 0x0f),
                Flag = (head & HasFlag) != 0,
                Count = (head & HasCount) != 0 ? reader.Count() : 0,
                Sequence = (head & HasSequence) != 0 ? reader.Number() : 0,
            };
            if ((head & HasMore) != 0)
            {
                result.Detail = reader.Text();
                result.DeadLetters = ReadDead(ref reader);
            }
        }
    }

    private static void Write(FlatWriter writer, IReadOnlyList<DeadLetter>? letters)
    {
        writer.Number(letters is null ? 0 : letters.Count + 1L);
        foreach (var letter in letters ?? [])
        {
            writer.Number(letter.Sequence);
            writer.Byte((byte)letter.Priority);
            writer.Number(letter.PublishedAt);
            writer.Number(letter.DiedAt);
            writer.Number(letter.Tries);
            writer.Bytes(letter.Id.Span);
            writer.Bytes(letter.Message.Span);
        }
    }

    private static DeadLetter[]? ReadDead(ref FlatReader reader)
    {
        var count = reader.Count();
        if (count == 0)
        {
            return null;
        }

        var letters = new DeadLetter[count - 1];
        for (var i = 0; i < letters.Length; i++)
        {
            letters[i] = new DeadLetter(
                reader.Number(), (sbyte)reader.Byte(), reader.Number(), reader.Number(), reader.Count(), reader.Bytes(), reader.Bytes());
        }

        return letters;
    }
}
