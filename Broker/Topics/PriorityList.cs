namespace Rookery.Broker;

/// <summary>
/// The events of one priority in order of publishing: 4 bytes each. A place in it is a number that never changes, so that
/// subscriptions can point there; the places of dead chunks are skipped at once, and chunks with few events alive are packed.
/// </summary>
internal sealed class PriorityList(sbyte priority, int ordinal)
{
    private const int Bits = 8;
    private const int Size = 1 << Bits;
    private const int Mask = Size - 1;
    private const uint Gap = uint.MaxValue;

    private readonly ChunkDeque<Chunk> _chunks = new();
    private int _changes;
    private long _visit;

    public sbyte Priority { get; } = priority;

    /// <summary>Which of the topic's lists it is, in order of first use.</summary>
    public int Ordinal { get; } = ordinal;

    /// <summary>The place behind the last.</summary>
    public long End { get; private set; }

    /// <summary>Adds an event, newer than all before.</summary>
    public void Add(long sequence)
    {
        var chunk = _chunks[End >> Bits];
        if (chunk is not null && sequence - chunk.First >= Gap)
        {
            // Four thousand million events of other priorities lie between: the rest of the chunk stays empty.
            while ((End & Mask) != 0)
            {
                chunk.Steps[End++ & Mask] = Gap;
            }

            Close(chunk, (End - 1) >> Bits);
            chunk = null;
        }

        chunk ??= Open(sequence);
        chunk.Steps[End++ & Mask] = (uint)(sequence - chunk.First);
        chunk.Alive++;
    }

    /// <summary>Counts one event less.</summary>
    public void Remove(long sequence, EventTable events)
    {
        var number = _chunks.LastWithKey(sequence);
        var chunk = _chunks[number]!;
        chunk.Alive--;
        Close(chunk, number);
        if (++_changes >= Size / 2 && _chunks.Count > 2)
        {
            // As in the table: one at a time, in turn, and never the last.
            _changes = 0;
            _visit = _chunks.Next(_visit + 1) is var next && next < _chunks.End - 1 ? next : _chunks.First;
            _chunks[_visit]?.Visit(events);
        }
    }

    /// <summary>The first event alive at <paramref name="place"/> or behind it; moves the place there.</summary>
    public bool TryFind(ref long place, EventTable events, out long sequence)
    {
        place = Math.Max(place, _chunks.First << Bits);
        while (place < End)
        {
            if (_chunks[place >> Bits] is not { } chunk)
            {
                place = NextChunk(place);
                continue;
            }

            var index = (int)place & Mask;
            if (!chunk.Seek(ref index, out var step))
            {
                place = NextChunk(place);
                continue;
            }

            place = (place & ~(long)Mask) | (uint)index;
            sequence = chunk.First + step;
            if (step != Gap && events.IsAlive(sequence))
            {
                return true;
            }

            place++;
        }

        place = End;
        sequence = 0;
        return false;
    }

    /// <summary>The place of the first event with this number or a larger one.</summary>
    public long PlaceOf(long sequence)
    {
        if (_chunks.Count == 0)
        {
            return End;
        }

        var place = Math.Max(_chunks.LastWithKey(sequence), _chunks.First) << Bits;
        while (place < End)
        {
            var index = (int)place & Mask;
            if (_chunks[place >> Bits] is not { } chunk || !chunk.Seek(ref index, out var step))
            {
                place = NextChunk(place);
                continue;
            }

            place = (place & ~(long)Mask) | (uint)index;
            if (step != Gap && chunk.First + step >= sequence)
            {
                return place;
            }

            place++;
        }

        return End;
    }

    /// <summary>Events alive at this place or behind it.</summary>
    public long CountFrom(long place, EventTable events)
    {
        place = Math.Max(place, _chunks.First << Bits);
        var count = 0L;
        if ((place & Mask) != 0)
        {
            var end = Math.Min(End, ((place >> Bits) + 1) << Bits);
            while (TryFind(ref place, events, out _) && place < end)
            {
                count++;
                place++;
            }

            place = end;
        }

        for (var number = _chunks.Next(place >> Bits); place < End && number < _chunks.End; number = _chunks.Next(number + 1))
        {
            count += _chunks[number]?.Alive ?? 0;
        }

        return count;
    }

    /// <summary>The place where the next chunk begins, behind the one of this place.</summary>
    private long NextChunk(long place) => _chunks.Next((place >> Bits) + 1) is var number && number < _chunks.End ? number << Bits : End;

    private Chunk Open(long sequence)
    {
        if (!_chunks.TryGetSpare(out var chunk))
        {
            chunk = new Chunk();
        }

        chunk.Clear();
        (chunk.First, chunk.Alive) = (sequence, 0);
        _chunks.Put(End >> Bits, chunk, sequence);
        return chunk;
    }

    private void Close(Chunk chunk, long number)
    {
        if (chunk.Alive == 0 && End >> Bits > number && _chunks[number] == chunk)
        {
            _chunks.Remove(number);
        }
    }

    private sealed class Chunk
    {
        public uint[] Steps = new uint[Size];
        public long First;
        public int Alive;

        private byte[]? _places;
        private bool _wasSparse;

        public void Clear()
        {
            Steps = _places is null ? Steps : new uint[Size];
            (_places, _wasSparse) = (null, false);
        }

        /// <summary>Moves to the first place that is there, from this one on.</summary>
        public bool Seek(ref int index, out uint step)
        {
            if (_places is null)
            {
                step = Steps[index];
                return true;
            }

            var found = _places.AsSpan().BinarySearch((byte)index);
            found = found < 0 ? ~found : found;
            if (found == _places.Length)
            {
                step = Gap;
                return false;
            }

            (index, step) = (_places[found], Steps[found]);
            return true;
        }

        public void Visit(EventTable events)
        {
            var isSparse = Alive <= Steps.Length / 4;
            if (isSparse && _wasSparse)
            {
                Pack(events);
            }

            _wasSparse = isSparse;
        }

        private void Pack(EventTable events)
        {
            var (steps, places) = (new List<uint>(Alive + 1), new List<byte>(Alive + 1));
            for (var i = 0; i < Steps.Length; i++)
            {
                if (Steps[i] != Gap && events.IsAlive(First + Steps[i]))
                {
                    steps.Add(Steps[i]);
                    places.Add(_places is null ? (byte)i : _places[i]);
                }
            }

            (Steps, _places) = (steps.ToArray(), places.ToArray());
        }
    }
}
