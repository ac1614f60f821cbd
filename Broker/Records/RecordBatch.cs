using System.Runtime.InteropServices;

namespace Rookery.Broker;

/// <summary>
/// The records of one commit, written behind the space that <see cref="FrameHeader"/> needs, with what is to be done once
/// they are durable: bytes of older frames to release, events that now live here.
/// </summary>
internal sealed class RecordBatch(TopicName topic)
{
    private const int InitialCapacity = 1024;

    private readonly TopicName _topic = topic;
    private ByteWriter _writer = new(InitialCapacity);
    private int _ackOf = -1;
    private long _ackFirst;
    private long _ackLast;
    private int _prologue;

    /// <summary>Slot of this frame in the topic's directory.</summary>
    public int Slot { get; private set; }

    /// <summary>Number of the first event published in it.</summary>
    public long FirstSequence { get; private set; }

    /// <summary>Base of its times.</summary>
    public long BaseTime { get; private set; }

    /// <summary>Number of the last event published in it; below the first where there is none.</summary>
    public long LastSequence => FirstSequence + Published.Count - 1;

    /// <summary>Offset, in the records, of each event published.</summary>
    public PlainList<int> Published { get; } = new();

    /// <summary>Sequence number of each event moved.</summary>
    public PlainList<long> MovedSequences { get; private set; } = new();

    /// <summary>Offset, in the records, of each event moved.</summary>
    public PlainList<int> MovedOffsets { get; private set; } = new();

    /// <summary>Slots and bytes to release once the records are durable.</summary>
    public PlainList<FrameBytes> Releases { get; } = new();

    /// <summary>Bytes of the events in it; the rest are metadata.</summary>
    public int EventBytes { get; private set; }

    /// <summary>Bytes of the snapshot in it; 0: none.</summary>
    public int SnapshotBytes { get; private set; }

    /// <summary>Whether there is anything to commit.</summary>
    public bool IsEmpty => _writer.Length == _prologue && _ackOf < 0;

    /// <summary>Bytes of the frame so far.</summary>
    public int Length => _writer.Length;

    /// <summary>Empties it for the next commit.</summary>
    public void Begin(int slot, long firstSequence, long baseTime)
    {
        if (_writer.Buffer.Length == 0)
        {
            _writer.Rent(InitialCapacity);
        }

        (Slot, FirstSequence, BaseTime, EventBytes, SnapshotBytes) = (slot, firstSequence, baseTime, 0, 0);
        Published.Clear();
        MovedSequences.Clear();
        MovedOffsets.Clear();
        Releases.Clear();
        _ackOf = -1;
        _writer.Length = 0;
        _writer.Reserve(FrameHeader.ReserveFor(_topic));
        _writer.Length = FrameHeader.ReserveFor(_topic);
        _writer.Byte(RecordFormat.Version);
        _writer.Number(firstSequence);
        _writer.Number(baseTime);
        _prologue = _writer.Length;
    }

    /// <summary>Completes the frame.</summary>
    public ReadOnlyMemory<byte> Seal()
    {
        FlushAcknowledged();
        FrameHeader.Seal(_writer.Buffer.AsSpan(0, _writer.Length), _topic);
        return _writer.Buffer.AsMemory(0, _writer.Length);
    }

    /// <summary>Makes a sealed frame readable from memory; the batch loses its buffer to it, and the lists of what was moved.</summary>
    public CachedFrame ToCachedFrame()
    {
        var header = FrameHeader.ReserveFor(_topic);
        var length = _writer.Length;
        var hasMoved = MovedSequences.Count > 0;

        // A frame of a few events is not worth an array of its own for their places.
        var publishedAt = (length + sizeof(int) - 1) & ~(sizeof(int) - 1);
        _writer.Reserve(PlacesAtMost);
        MemoryMarshal.AsBytes(Published.Span).CopyTo(_writer.Buffer.AsSpan(publishedAt));
        var frame = new CachedFrame(
            _writer.Detach(), header, length - header, BaseTime, FirstSequence, publishedAt, Published.Count,
            hasMoved ? MovedSequences : PlainList<long>.Empty, hasMoved ? MovedOffsets : PlainList<int>.Empty);
        if (hasMoved)
        {
            (MovedSequences, MovedOffsets) = (new(), new());
        }

        return frame;
    }

    /// <summary>Gives the buffer back to the pool.</summary>
    public void Discard() => _writer.Return();

    /// <summary>Records an event; returns the record's size in bytes.</summary>
    public int Publish(long time, sbyte priority, long lifetime, ReadOnlySpan<byte> id, ReadOnlySpan<byte> message)
    {
        var start = _writer.Length;
        var target = _writer.Reserve(id.Length + message.Length + 40 + PlacesAtMost);
        target[0] = (byte)RecordKind.Publish;
        target[1] = (byte)((priority != 0 ? RecordFormat.HasPriority : 0) | (lifetime != 0 ? RecordFormat.HasLifetime : 0));
        var used = 2;
        if (priority != 0)
        {
            target[used++] = (byte)priority;
        }

        used += ByteWriter.Put(target[used..], (ulong)(time - BaseTime));
        if (lifetime != 0)
        {
            used += ByteWriter.Put(target[used..], (ulong)lifetime);
        }

        used += Payload(target[used..], id, message);
        Published.Add(start - FrameHeader.ReserveFor(_topic));
        EventBytes += used;
        _writer.Length = start + used;
        return used;
    }

    /// <summary>Records an event again.</summary>
    public void Move(in StoredEvent stored, ReadOnlySpan<byte> id, ReadOnlySpan<byte> message)
    {
        var start = _writer.Length;
        _writer.Byte((byte)RecordKind.Moved);
        _writer.Byte((byte)stored.Priority);
        _writer.Number(stored.Sequence);
        _writer.Number(stored.PublishedAt);
        _writer.Number(stored.ExpiresAt);
        _writer.Length += Payload(_writer.Reserve(id.Length + message.Length + 20), id, message);
        MovedSequences.Add(stored.Sequence);
        MovedOffsets.Add(start - FrameHeader.ReserveFor(_topic));
        EventBytes += _writer.Length - start;
    }

    /// <summary>Records a settled event; neighbours of one subscription share a record.</summary>
    public void Acknowledge(int subscription, long sequence)
    {
        if (subscription == _ackOf && sequence == _ackLast + 1)
        {
            _ackLast = sequence;
            return;
        }

        FlushAcknowledged();
        (_ackOf, _ackFirst, _ackLast) = (subscription, sequence, sequence);
    }

    /// <summary>Records something that is a kind and a few numbers.</summary>
    public void Write(RecordKind kind, long first, long second, long third, long fourth)
    {
        Write(kind, first, second, third);
        _writer.Number(fourth);
    }

    /// <inheritdoc cref="Write(RecordKind, long, long, long, long)"/>
    public void Write(RecordKind kind, long first, long second, long third)
    {
        Write(kind, first, second);
        _writer.Number(third);
    }

    /// <inheritdoc cref="Write(RecordKind, long, long, long, long)"/>
    public void Write(RecordKind kind, long first, long second)
    {
        Write(kind, first);
        _writer.Number(second);
    }

    /// <inheritdoc cref="Write(RecordKind, long, long, long, long)"/>
    public void Write(RecordKind kind, long first)
    {
        FlushAcknowledged();
        _writer.Byte((byte)kind);
        _writer.Number(first);
    }

    /// <summary>Records a producer's event.</summary>
    public void Produced(long producer, long number, long sequence)
    {
        Write(RecordKind.Produced, producer);
        _writer.Signed(number);
        _writer.Number(sequence);
    }

    /// <summary>Records a name for a producer's number.</summary>
    public void Producer(long producer, string? owner, string name)
    {
        Write(RecordKind.Producer, producer);
        _writer.Byte((byte)(owner is null ? 0 : 1));
        _writer.Text(owner);
        _writer.Text(name);
    }

    /// <summary>Records a subscription with its options.</summary>
    public void Subscribe(Subscription subscription)
    {
        FlushAcknowledged();
        _writer.Byte((byte)RecordKind.Subscribe);
        SnapshotCodec.Write(ref _writer, subscription);
    }

    /// <summary>Records everything but the events.</summary>
    public void Snapshot(Topic topic)
    {
        FlushAcknowledged();
        var start = _writer.Length;
        var body = new ByteWriter(1024);
        SnapshotCodec.Write(ref body, topic);
        _writer.Byte((byte)RecordKind.Snapshot);
        _writer.Number(body.Length);
        _writer.Bytes(body.Written);
        body.Return();
        SnapshotBytes = _writer.Length - start;
    }

    /// <summary>Remembers bytes that are needed no more once the records are durable.</summary>
    public void Release(int slot, int bytes)
    {
        if (Releases.Count > 0 && Releases[^1].Slot == slot)
        {
            Releases[^1].Bytes += bytes;
        }
        else
        {
            Releases.Add(new FrameBytes { Slot = slot, Bytes = bytes });
        }
    }

    /// <summary>Bytes that the places of the events published take behind the records, with one more and what aligns them.</summary>
    private int PlacesAtMost => (Published.Count + 2) * sizeof(int);

    private static int Payload(Span<byte> target, ReadOnlySpan<byte> id, ReadOnlySpan<byte> message)
    {
        var used = ByteWriter.Put(target, (ulong)id.Length);
        used += ByteWriter.Put(target[used..], (ulong)message.Length);
        id.CopyTo(target[used..]);
        message.CopyTo(target[(used + id.Length)..]);
        return used + id.Length + message.Length;
    }

    private void FlushAcknowledged()
    {
        if (_ackOf < 0)
        {
            return;
        }

        _writer.Byte((byte)RecordKind.Acknowledge);
        _writer.Number(_ackOf);
        _writer.Number(_ackFirst);
        _writer.Number(_ackLast - _ackFirst);
        _ackOf = -1;
    }
}

/// <summary>Bytes of a frame, by its slot.</summary>
internal struct FrameBytes
{
    public int Slot;
    public long Bytes;
}
