using System.Runtime.CompilerServices;

namespace Rookery.Broker;

/// <summary>The entries of a topic's events by sequence number, in chunks; a chunk goes when none of its events is alive.</summary>
internal sealed class EventTable
{
    private const int Bits = 8;
    private const int Size = 1 << Bits;
    private const int Mask = Size - 1;

    private readonly ChunkDeque<Chunk> _chunks = new();

    /// <summary>Events alive.</summary>
    public long Count { get; private set; }

    /// <summary>No event below this one is alive.</summary>
    public long First => _chunks.Count == 0 ? long.MaxValue : _chunks.First << Bits;

    /// <summary>No event from this one on is alive.</summary>
    public long End => _chunks.Count == 0 ? 0 : _chunks.End << Bits;

    public bool IsAlive(long sequence) => _chunks[sequence >> Bits] is { } chunk && chunk.Entries[(int)sequence & Mask].IsAlive;

    /// <summary>The entry of an event that is alive; a null reference for any other.</summary>
    public ref EventEntry Find(long sequence)
    {
        if (_chunks[sequence >> Bits] is { } chunk)
        {
            ref var entry = ref chunk.Entries[(int)sequence & Mask];
            if (entry.IsAlive)
            {
                return ref entry;
            }
        }

        return ref Unsafe.NullRef<EventEntry>();
    }

    public long TimeOf(long sequence)
    {
        var chunk = _chunks[sequence >> Bits]!;
        return chunk.BaseTime + chunk.Entries[(int)sequence & Mask].TimeStep;
    }

    /// <summary>Adds an event; in any order, though each number once.</summary>
    public void Add(long sequence, long time, int size, int slot, ushort needed, sbyte priority, bool hasLifetime)
    {
        var chunk = _chunks[sequence >> Bits] ?? Open(sequence >> Bits, time);
        if (time < chunk.BaseTime)
        {
            chunk.Rebase(time);
        }

        chunk.Entries[(int)sequence & Mask] = new EventEntry(time - chunk.BaseTime, size, slot, needed, priority, hasLifetime);
        chunk.Alive++;
        Count++;
    }

    /// <summary>Ends an event that is alive.</summary>
    public void Remove(long sequence)
    {
        var number = sequence >> Bits;
        var chunk = _chunks[number]!;
        chunk.Entries[(int)sequence & Mask].Die();
        Count--;
        if (--chunk.Alive == 0)
        {
            _chunks.Remove(number);
        }
    }

    /// <summary>The first event alive from this one on, or <see cref="long.MaxValue"/>.</summary>
    public long Next(long sequence)
    {
        sequence = Math.Max(sequence, First);
        while (sequence < End)
        {
            if (_chunks[sequence >> Bits] is not { } chunk)
            {
                sequence = ((sequence >> Bits) + 1) << Bits;
            }
            else if (chunk.Entries[(int)sequence & Mask].IsAlive)
            {
                return sequence;
            }
            else
            {
                sequence++;
            }
        }

        return long.MaxValue;
    }

    /// <summary>The first event alive that was published at this time or later, or <see cref="long.MaxValue"/>.</summary>
    public long FirstSince(long time)
    {
        var number = _chunks.First;
        for (var next = number + 1; next < _chunks.End; next++)
        {
            // Times grow with the numbers: the search begins in the last chunk that begins before the time.
            if (_chunks[next] is { } chunk)
            {
                if (chunk.BaseTime >= time)
                {
                    break;
                }

                number = next;
            }
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
            Array.Clear(chunk.Entries);
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

    private sealed class Chunk
    {
        public readonly EventEntry[] Entries = new EventEntry[Size];
        public long BaseTime;
        public int Alive;

        public void Rebase(long time)
        {
            foreach (ref var entry in Entries.AsSpan())
            {
                entry.TimeStep += BaseTime - time;
            }

            BaseTime = time;
        }
    }
}
