namespace Rookery.Broker;

/// <summary>Steps through the records of a frame.</summary>
internal ref struct RecordReader
{
    private readonly ReadOnlySpan<byte> _records;
    private ByteReader _reader;
    private long _next;

    /// <summary>Reads what stands before the first record.</summary>
    /// <exception cref="InvalidDataException">Another version, or a damaged frame; so do the other members.</exception>
    public RecordReader(ReadOnlySpan<byte> records)
    {
        _records = records;
        _reader = new ByteReader(records);
        var version = _reader.Byte();
        if (version != RecordFormat.Version)
        {
            throw new InvalidDataException($"records of format version {version}; this program reads version {RecordFormat.Version}");
        }

        FirstSequence = _next = _reader.Number();
        BaseTime = _reader.Number();
        Require(FirstSequence, _reader.Position);
    }

    public readonly long FirstSequence { get; }

    public readonly long BaseTime { get; }

    /// <summary>Number that the next event published gets.</summary>
    public readonly long NextSequence => _next;

    public RecordKind Kind { get; private set; }

    /// <summary>The event of a publish or move.</summary>
    public StoredEvent Event { get; private set; }

    /// <summary>The whole record, with its kind.</summary>
    public ReadOnlySpan<byte> Record { get; private set; }

    /// <summary>Moves to the next record; false at the end.</summary>
    public bool Read()
    {
        if (_reader.AtEnd)
        {
            return false;
        }

        var start = _reader.Position;
        Kind = (RecordKind)_reader.Byte();
        if (Kind is RecordKind.Publish or RecordKind.Moved)
        {
            var stored = StoredEvent.Read(ref _reader, Kind, BaseTime);
            if (!stored.Moved)
            {
                stored.Sequence = _next++;
            }

            Require(stored.Sequence, start);
            Event = stored;
        }
        else
        {
            Skip();
        }

        Record = _reader.Between(start, _reader.Position);
        return true;
    }

    private static void Require(long sequence, int position)
    {
        if (sequence is < 1 or > long.MaxValue / 2)
        {
            throw new InvalidDataException($"{sequence} before byte {position} of a frame is no sequence number");
        }
    }

    private void Skip()
    {
        switch (Kind)
        {
            case RecordKind.Subscribe:
                SnapshotCodec.ReadSubscription(ref _reader);
                break;
            case RecordKind.Producer:
                _reader.Number();
                _reader.Byte();
                _reader.Bytes(_reader.Count());
                _reader.Bytes(_reader.Count());
                break;
            case RecordKind.Snapshot:
                _reader.Bytes(_reader.Count());
                break;
            default:
                for (var numbers = Numbers(Kind, _reader.Position); numbers > 0; numbers--)
                {
                    _reader.Number();
                }

                break;
        }
    }

    private static int Numbers(RecordKind kind, int position) => kind switch
    {
        RecordKind.Unsubscribe or RecordKind.Floor or RecordKind.Dropped => 1,
        RecordKind.Replayed or RecordKind.Discarded or RecordKind.Left => 2,
        RecordKind.Acknowledge or RecordKind.Produced => 3,
        RecordKind.Returned or RecordKind.DeadLetter => 4,
        _ => throw new InvalidDataException(
            $"unknown record kind {(byte)kind} at byte {position - 1} of a frame; written by a newer version of this program?"),
    };
}
