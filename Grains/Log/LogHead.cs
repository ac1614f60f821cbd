using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>
/// The head of a topic's log: where recovery begins. Records below <see cref="From"/> are there only if <see cref="Live"/>
/// names them; from there on recovery reads until one is missing.
/// </summary>
internal sealed class LogHead
{
    private const byte Version = 1;

    /// <summary>One more with every activation that took the log over.</summary>
    public long Epoch { get; set; }

    /// <summary>The first record that recovery looks for.</summary>
    public long From { get; set; } = 1;

    /// <summary>Records below <see cref="From"/> that hold something, in order.</summary>
    public List<long> Live { get; } = [];

    /// <summary>Below this nothing is left of what is not in <see cref="Live"/>, save what is in <see cref="Removing"/>.</summary>
    public long ClearedTo { get; set; } = 1;

    /// <summary>Records below <see cref="ClearedTo"/> that were released late and are being removed.</summary>
    public List<long> Removing { get; } = [];

    /// <summary>When which number was next, so that the age of a record is known: at most one a minute.</summary>
    public List<(long Number, long Time)> Marks { get; } = [];

    public byte[] ToBytes()
    {
        using var writer = new FlatWriter();
        writer.Byte(Version);
        writer.Number(Epoch);
        writer.Number(From);
        writer.Number(ClearedTo);
        Write(writer, Live);
        Write(writer, Removing);
        writer.Number(Marks.Count);
        foreach (var (number, time) in Marks)
        {
            writer.Number(number);
            writer.Number(time);
        }

        return writer.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no head that this version can read.</exception>
    public static LogHead Read(byte[] bytes)
    {
        var reader = new FlatReader(bytes);
        if (reader.Byte() is not Version and var version)
        {
            throw new InvalidDataException($"the head of the log has version {version}; this version reads {Version}");
        }

        var head = new LogHead { Epoch = reader.Number(), From = reader.Number(), ClearedTo = reader.Number() };
        Read(ref reader, head.Live);
        Read(ref reader, head.Removing);
        for (var left = reader.Count(); left > 0; left--)
        {
            head.Marks.Add((reader.Number(), reader.Number()));
        }

        return head;
    }

    private static void Write(FlatWriter writer, List<long> numbers)
    {
        writer.Number(numbers.Count);
        var last = 0L;
        foreach (var number in numbers)
        {
            writer.Number(number - last);
            last = number;
        }
    }

    private static void Read(ref FlatReader reader, List<long> numbers)
    {
        var last = 0L;
        for (var left = reader.Count(); left > 0; left--)
        {
            last += reader.Number();
            numbers.Add(last);
        }
    }
}
