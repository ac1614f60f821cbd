using System.Buffers;
using System.Runtime.InteropServices;

namespace Rookery.Broker;

/// <summary>
/// The records of a frame in memory, with where each event stands. Its memory goes back to its pool when the last holder
/// lets go: the cache, or a shell that is sending from it.
/// </summary>
internal sealed class CachedFrame
{
    /// <summary>Bytes that the object itself and its lists take, about.</summary>
    private const int Overhead = 256;

    private readonly long _baseTime;
    private readonly long _firstSequence;
    private readonly int _publishedCount;
    private readonly int _publishedAt;
    private readonly PlainList<int>? _published;
    private readonly PlainList<long> _movedSequences;
    private readonly PlainList<int> _movedOffsets;
    private IMemoryOwner<byte>? _owner;
    private byte[]? _pooled;
    private int _holders = 1;

    /// <summary>Takes over what was written, with the offsets of the events published behind the records.</summary>
    /// <param name="pooled">The buffer, from the shared pool.</param>
    /// <param name="offset">Where the records begin in it.</param>
    /// <param name="length">Bytes of the records.</param>
    /// <param name="baseTime">Base of their times.</param>
    /// <param name="firstSequence">Number of the first event published.</param>
    /// <param name="publishedAt">Where the offsets of the events published begin in the buffer, four bytes each.</param>
    /// <param name="publishedCount">How many they are.</param>
    /// <param name="movedSequences">Numbers of the events moved.</param>
    /// <param name="movedOffsets">Offsets of the events moved.</param>
    public CachedFrame(
        byte[] pooled, int offset, int length, long baseTime, long firstSequence,
        int publishedAt, int publishedCount, PlainList<long> movedSequences, PlainList<int> movedOffsets)
    {
        _pooled = pooled;
        Records = pooled.AsMemory(offset, length);
        Cost = pooled.Length + Overhead + (12L * movedSequences.Count);
        (_baseTime, _firstSequence, _movedSequences, _movedOffsets) = (baseTime, firstSequence, movedSequences, movedOffsets);
        (_publishedAt, _publishedCount) = (publishedAt, publishedCount);
        _movedSequences.SortWith(_movedOffsets);
    }

    /// <summary>Takes over what was read back.</summary>
    /// <exception cref="InvalidDataException">The records are not readable.</exception>
    public CachedFrame(IMemoryOwner<byte> owner)
    {
        _owner = owner;
        Records = owner.Memory;
        (_published, _movedSequences, _movedOffsets) = (new(), new(), new());
        var reader = new RecordReader(Records.Span);
        (_baseTime, _firstSequence) = (reader.BaseTime, reader.FirstSequence);
        while (reader.Read())
        {
            if (reader.Kind == RecordKind.Publish)
            {
                _published.Add(reader.Event.Start);
            }
            else if (reader.Kind == RecordKind.Moved)
            {
                _movedSequences.Add(reader.Event.Sequence);
                _movedOffsets.Add(reader.Event.Start);
            }
        }

        _publishedCount = _published.Count;
        _movedSequences.SortWith(_movedOffsets);
        Cost = Records.Length + Overhead + (4L * _published.Count) + (12L * _movedSequences.Count);
    }

    /// <summary>The frame's records, without its header.</summary>
    public ReadOnlyMemory<byte> Records { get; private set; }

    /// <summary>Bytes of memory it takes.</summary>
    public long Cost { get; }

    /// <summary>Used since the cache looked last.</summary>
    public bool Used { get; set; } = true;

    /// <summary>The turn of its topic's shell that holds it, so that it is held once.</summary>
    public long HeldInTurn { get; set; }

    public CachedFrame? Older { get; set; }

    public CachedFrame? Newer { get; set; }

    /// <summary>Whether the cache still counts it.</summary>
    public bool InCache { get; set; }

    /// <summary>Sequence numbers of the events moved into it, in order.</summary>
    public ReadOnlySpan<long> MovedSequences => _movedSequences.Span;

    /// <summary>Sequence numbers of all events in it, in order.</summary>
    public IEnumerable<long> Sequences
    {
        get
        {
            // What was moved here was published before anything that was published here.
            for (var i = 0; i < _movedSequences.Count; i++)
            {
                yield return _movedSequences[i];
            }

            for (var i = 0; i < _publishedCount; i++)
            {
                yield return _firstSequence + i;
            }
        }
    }

    private ReadOnlySpan<int> Published => _published is { } list
        ? list.Span
        : MemoryMarshal.Cast<byte, int>(_pooled.AsSpan(_publishedAt, _publishedCount * sizeof(int)));

    /// <summary>Finds an event.</summary>
    public bool TryFind(long sequence, out StoredEvent stored)
    {
        var index = sequence - _firstSequence;
        var start = -1;
        if (index >= 0 && index < _publishedCount)
        {
            start = Published[(int)index];
        }
        else if (_movedSequences.Span.BinarySearch(sequence) is >= 0 and var moved)
        {
            start = _movedOffsets[moved];
        }

        stored = start < 0 ? default : StoredEvent.Read(Records.Span, start, sequence, _baseTime);
        return start >= 0;
    }

    /// <summary>Holds the frame, unless its memory is gone already.</summary>
    public bool TryHold()
    {
        Used = true;
        var holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            var seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return true;
            }

            holders = seen;
        }

        return false;
    }

    /// <summary>Lets go of the frame.</summary>
    public void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) != 0)
        {
            return;
        }

        Records = default;
        _published?.Return();
        _movedSequences.Return();
        _movedOffsets.Return();
        _owner?.Dispose();
        _owner = null;
        if (_pooled is { } pooled)
        {
            _pooled = null;
            ArrayPool<byte>.Shared.Return(pooled);
        }
    }
}
