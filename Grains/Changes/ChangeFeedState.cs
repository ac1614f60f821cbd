using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>
/// How far the change feed has come. The number of a change counts from the beginning of its producer, whether it was published or
/// not, so that what comes behind a position has the same numbers each time it is read.
/// </summary>
internal sealed record ChangeFeedState
{
    private const byte Version = 1;

    /// <summary>Name under which changes are numbered. A new one begins where the changes are not the same as before.</summary>
    public required string Producer { get; init; }

    /// <summary>Number of the next change.</summary>
    public long Next { get; init; } = 1;

    /// <summary>Where to go on; empty for a store that cannot follow changes.</summary>
    public string Position { get; init; } = "";

    /// <summary>When the last change that was published was made, in milliseconds since 1970 (UTC).</summary>
    public long Since { get; init; }

    /// <summary>What is compared at present, before changes are followed.</summary>
    public ScanOf Scan { get; init; }

    /// <summary>Where that began; see <see cref="IChangeSource.ScanAsync"/>.</summary>
    public long ScanStart { get; init; }

    /// <summary>How far it has come.</summary>
    public (long From, long After) ScanAt { get; init; }

    /// <summary>A state that compares everything changed since a time, and then follows changes behind a position.</summary>
    public static ChangeFeedState Compare(string position, long start, long since) => new()
    {
        Producer = NewProducer(),
        Position = position,
        Since = since,
        Scan = ScanOf.Tweets,
        ScanStart = start,
        ScanAt = (start, 0),
    };

    public static string NewProducer() => $"changes-{Guid.NewGuid():N}";

    public static ChangeFeedState Read(byte[] data)
    {
        var reader = new FlatReader(data);
        if (reader.Byte() is var version && version != Version)
        {
            throw new InvalidDataException($"the change feed was stored by version {version}, which this one cannot read");
        }

        return new ChangeFeedState
        {
            Producer = reader.Text() ?? throw new InvalidDataException("the change feed was stored without a producer"),
            Next = reader.Number(),
            Position = reader.Text() ?? "",
            Since = reader.Number(),
            Scan = (ScanOf)reader.Byte(),
            ScanStart = reader.Number(),
            ScanAt = (reader.Number(), reader.Number()),
        };
    }

    public byte[] Write()
    {
        using var writer = new FlatWriter();
        writer.Byte(Version);
        writer.Text(Producer);
        writer.Number(Next);
        writer.Text(Position);
        writer.Number(Since);
        writer.Byte((byte)Scan);
        writer.Number(ScanStart);
        writer.Number(ScanAt.From);
        writer.Number(ScanAt.After);
        return writer.ToArray();
    }
}

/// <summary>What is compared.</summary>
internal enum ScanOf : byte
{
    Nothing,
    Tweets,
    Users,
}
