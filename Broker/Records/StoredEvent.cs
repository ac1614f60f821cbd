namespace Rookery.Broker;

/// <summary>An event as it stands in a frame; places are offsets into the frame's records.</summary>
internal struct StoredEvent
{
    public long Sequence;
    public long PublishedAt;
    public long ExpiresAt;
    public int Start;
    public int IdStart;
    public int IdLength;
    public int MessageLength;
    public sbyte Priority;
    public bool Moved;

    public readonly int MessageStart => IdStart + IdLength;

    public readonly int End => MessageStart + MessageLength;

    public readonly int Size => End - Start;

    /// <summary>Reads the record at <paramref name="start"/>, a publish or a moved event.</summary>
    public static StoredEvent Read(ReadOnlySpan<byte> records, int start, long sequence, long baseTime)
    {
        var reader = new ByteReader(records) { Position = start };
        var stored = Read(ref reader, (RecordKind)reader.Byte(), baseTime);
        stored.Start = start;
        if (!stored.Moved)
        {
            stored.Sequence = sequence;
        }

        return stored;
    }

    /// <summary>Reads a record behind its kind, and moves behind it.</summary>
    public static StoredEvent Read(ref ByteReader reader, RecordKind kind, long baseTime)
    {
        var stored = new StoredEvent { Start = reader.Position - 1, Moved = kind == RecordKind.Moved };
        if (stored.Moved)
        {
            stored.Priority = (sbyte)reader.Byte();
            stored.Sequence = reader.Number();
            stored.PublishedAt = reader.Number();
            stored.ExpiresAt = reader.Number();
        }
        else
        {
            var flags = reader.Byte();
            stored.Priority = (flags & RecordFormat.HasPriority) != 0 ? (sbyte)reader.Byte() : (sbyte)0;
            stored.PublishedAt = baseTime + reader.Number();
            stored.ExpiresAt = (flags & RecordFormat.HasLifetime) != 0 ? stored.PublishedAt + reader.Number() : 0;
        }

        stored.IdLength = reader.Count();
        stored.MessageLength = reader.Count();
        stored.IdStart = reader.Position;
        reader.Bytes(stored.IdLength);
        reader.Bytes(stored.MessageLength);
        return stored;
    }
}
