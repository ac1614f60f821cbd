using System.Runtime.CompilerServices;

namespace Rookery.Broker;

/// <summary>
/// The entries of a topic's events by sequence number, in chunks; a chunk goes when none of its events is alive, and is packed
/// when few are, so that what is stuck costs no more than what waits.
/// </summary>
internal sealed class EventTable
{
    private const int Bits = 8;
    private const int Size = 1 << Bits;
    private const int Mask = Size - 1;

    private readonly ChunkDeque<Chunk> _chunks = new();
    private int _changes;
    private long _visit;

    /// <summary>Events alive.</summary>
    public long Count { get; private set; }

    /// <summary>No event below this one is alive.</summary>
    public long First => _chunks.Count == 0 ? long.MaxValue : _chunks.First << Bits;

    /// <summary>No event from this one on is alive.</summary>
    public long End => _chunks.Count == 0 ? 0 : _chunks.End << Bits;

    public bool IsAlive(long sequence) => !Unsafe.IsNullRef(ref Find(sequence));

    /// <summary>The entry of an event that is alive; a null reference for any other.</summary>
    public ref EventEntry Find(long sequence)
    {
        if (_chunks[sequence >> Bits] is { } chunk)
        {
            ref var entry = ref chunk.At((int)sequence & Mask);
            if (!Unsafe.IsNullRef(ref entry) && entry.IsAlive)
            {
                return ref entry;
            }
        }

        return ref Unsafe.NullRef<EventEntry>();
    }

    /// <summary>When an event that is alive was published.</summary>
    public long TimeOf(long sequence) => _chunks[sequence >> Bits]!.BaseTime + Find(sequence).TimeStep;

    /// <summary>Adds an event; in any order, though each number once.</summary>
    public void Add(long sequence, long time, int size, int slot, ushort needed, sbyte priority, bool hasLifetime)
    {
        var chunk = _chunks[sequence >> Bits] ?? Open(sequence >> Bits, time);
        chunk.Unpack();
        if (time < chunk.BaseTime)
        {
            chunk.Rebase(time);
        }

        chunk.Entries[(int)sequence & Mask] = new EventEntry(time - chunk.BaseTime, size, slot, needed, priority, hasLifetime);
        chunk.Alive++;
        Count++;
        Changed();
    }

    /// <summary>Ends an event that is alive.</summary>
    public void Remove(long sequence)
    {
        var number = sequence >> Bits;
        var chunk = _chunks[number]!;
        Find(sequence).Die();
        Count--;
        if (--chunk.Alive == 0)
        {
            _chunks.Remove(number);
        }

        Changed();
    }

    /// <summary>The first event alive from this one on, or <see cref="long.MaxValue"/>.</summary>
    public long Next(long sequence)
    {
        sequence = Math.Max(sequence, First);
        while (sequence < End)
        {
            if (_chunks[sequence >> Bits] is { } chunk && chunk.Next((int)sequence & Mask) is >= 0 and var offset)
            {
                return (sequence & ~(long)Mask) | (uint)offset;
            }

            sequence = _chunks.Next((sequence >> Bits) + 1) << Bits;
        }

        return long.MaxValue;
    }

    /// <summary>The first event alive that was published at this time or later, or <see cref="long.MaxValue"/>.</summary>
    public long FirstSince(long time)
    {
        var number = _chunks.First;
        for (var next = _chunks.Next(number + 1); next < _chunks.End; next = _chunks.Next(next + 1))
        {
            // Times grow with the numbers: the search begins in the last chunk that begins before the time.
            if (_chunks[next]!.BaseTime >= time)
            {
                break;
            }

            number = next;
        }

        var sequence = Next(number << Bits);
        while (sequence != long.MaxValue && TimeOf(sequence) < time)
        {
            sequence = Next(sequence + 1);
        }

        return sequence;
    }

    private Chunk Open(long number, long time)
    {
        if (_chunks.TryGetSpare(out var chunk))
        {
            chunk.Clear();
        }
        else
        {
            chunk = new Chunk();
        }

        chunk.BaseTime = time;
        chunk.Alive = 0;
        _chunks.Put(number, chunk);
        return chunk;
    }

    /// <summary>Visits two chunks for every 256 changes, in turn: those found sparse twice are packed.</summary>
    private void Changed()
    {
        if (++_changes < Size || _chunks.Count < 3)
        {
            return;
        }

        _changes = 0;
        for (var i = 0; i < 2; i++)
        {
            // The last chunk is still being filled.
            _visit = _chunks.Next(_visit + 1) is var next && next < _chunks.End - 1 ? next : _chunks.First;
            _chunks[_visit]?.Visit();
        }
    }

    private sealed class Chunk
    {
        public EventEntry[] Entries = new EventEntry[Size];
        public long BaseTime;
        public int Alive;

        private byte[]? _offsets;
        private bool _wasSparse;

        public void Clear()
        {
            Entries = _offsets is null ? Entries : new EventEntry[Size];
            (_offsets, _wasSparse) = (null, false);
            Array.Clear(Entries);
        }

        public ref EventEntry At(int offset)
        {
            if (_offsets is null)
            {
                return ref Entries[offset];
            }

            var index = _offsets.AsSpan().BinarySearch((byte)offset);
            return ref index < 0 ? ref Unsafe.NullRef<EventEntry>() : ref Entries[index];
        }

        /// <summary>Offset of the first event alive from this one on; −1: none.</summary>
        public int Next(int offset)
        {
            for (var i = 0; i < Entries.Length; i++)
            {
                if (_offsets is null)
                {
                    i = Math.Max(i, offset);
                }

                var at = _offsets is null ? i : _offsets[i];
                if (at >= offset && Entries[i].IsAlive)
                {
                    return at;
                }
            }

            return -1;
        }

        public void Visit()
        {
            var isSparse = Alive <= Entries.Length / 4;
            if (isSparse && _wasSparse)
            {
                Pack();
            }

            _wasSparse = isSparse;
        }

        /// <summary>Makes room for all again, where an event comes late (when moved events are replayed).</summary>
        public void Unpack()
        {
            if (_offsets is null)
            {
                return;
            }

            var entries = new EventEntry[Size];
            for (var i = 0; i < _offsets.Length; i++)
            {
                entries[_offsets[i]] = Entries[i];
            }

            (Entries, _offsets) = (entries, null);
        }

        public void Rebase(long time)
        {
            foreach (ref var entry in Entries.AsSpan())
            {
                entry.TimeStep += BaseTime - time;
            }

            BaseTime = time;
        }

        private void Pack()
        {
            var (entries, offsets) = (new EventEntry[Alive], new byte[Alive]);
            for (var (i, count) = (0, 0); count < Alive; i++)
            {
                if (Entries[i].IsAlive)
                {
                    (entries[count], offsets[count]) = (Entries[i], _offsets is null ? (byte)i : _offsets[i]);
                    count++;
                }
            }

            (Entries, _offsets) = (entries, offsets);
        }
    }
}
