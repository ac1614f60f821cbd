using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Rookery.Broker;

/// <summary>
/// Numbered chunks in order, of which the oldest go first and some in between. While few are missing, a chunk is found at
/// once, else by bisection; the missing ones cost nothing in the long run. Chunks that are let go are used again.
/// </summary>
internal sealed class ChunkDeque<T>
    where T : class
{
    private const int MaxSpares = 4;

    private readonly Stack<T> _spares = new(MaxSpares);
    private Entry[] _ring = new Entry[4];
    private int _head;
    private int _slots;

    /// <summary>Chunks there are.</summary>
    public int Count { get; private set; }

    /// <summary>Number of the first chunk; 0 where there is none.</summary>
    public long First => _slots == 0 ? 0 : At(0).Number;

    /// <summary>Number behind the last chunk.</summary>
    public long End => _slots == 0 ? 0 : At(_slots - 1).Number + 1;

    /// <summary>A chunk, or null where it is gone or not there yet.</summary>
    public T? this[long number]
    {
        get
        {
            // Its place where no chunk before it is missing, which is the rule.
            var straight = number - _ring[_head].Number;
            if ((ulong)straight < (ulong)_slots && At((int)straight).Number == number)
            {
                return At((int)straight).Chunk;
            }

            return Find(number) is >= 0 and var index ? At(index).Chunk : null;
        }
    }

    /// <summary>Number of the first chunk with this number or a larger one; <see cref="End"/> where there is none.</summary>
    public long Next(long number)
    {
        var index = Find(number);
        for (index = index < 0 ? ~index : index; index < _slots; index++)
        {
            if (At(index).Chunk is not null)
            {
                return At(index).Number;
            }
        }

        return End;
    }

    /// <summary>Number of the last chunk that was put with this key or a smaller one; less than <see cref="First"/> where none was.</summary>
    public long LastWithKey(long key)
    {
        var (low, high) = (0, _slots - 1);
        if (high > 0 && At(1).Key > key)
        {
            high = 0;
        }

        while (low <= high)
        {
            var middle = (low + high) >> 1;
            if (At(middle).Key <= key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high < 0 ? First - 1 : At(high).Number;
    }

    /// <summary>Puts a chunk where there is none, before, between or behind the others.</summary>
    public void Put(long number, T chunk, long key = 0)
    {
        Count++;
        var index = Find(number);
        if (index >= 0)
        {
            At(index) = new Entry(number, key, chunk);
            return;
        }

        if (_slots == _ring.Length)
        {
            Rebuild(Math.Max(4, _slots * 2));
            index = Find(number);
        }

        index = ~index;
        if (index < _slots / 2)
        {
            _head = (_head - 1) & (_ring.Length - 1);
            _slots++;
            for (var i = 0; i < index; i++)
            {
                At(i) = At(i + 1);
            }
        }
        else
        {
            _slots++;
            for (var i = _slots - 1; i > index; i--)
            {
                At(i) = At(i - 1);
            }
        }

        At(index) = new Entry(number, key, chunk);
    }

    /// <summary>Lets a chunk go.</summary>
    public void Remove(long number)
    {
        ref var entry = ref At(Find(number));
        if (_spares.Count < MaxSpares)
        {
            _spares.Push(entry.Chunk!);
        }

        entry.Chunk = null;
        Count--;
        while (_slots > 0 && At(0).Chunk is null)
        {
            _head = (_head + 1) & (_ring.Length - 1);
            _slots--;
        }

        while (_slots > 0 && At(_slots - 1).Chunk is null)
        {
            _slots--;
        }

        if (_slots > 64 && Count < _slots / 2)
        {
            Rebuild(Math.Max(4, (int)BitOperations.RoundUpToPowerOf2((uint)Count)));
        }
    }

    /// <summary>A chunk that was let go before, to be used again.</summary>
    public bool TryGetSpare([NotNullWhen(true)] out T? chunk) => _spares.TryPop(out chunk);

    private ref Entry At(int index) => ref _ring[(_head + index) & (_ring.Length - 1)];

    /// <summary>Index of a number; where it has none, the complement of the index it would have.</summary>
    private int Find(long number)
    {
        if (_slots == 0)
        {
            return ~0;
        }

        // Numbers grow by at least one: that bounds where it can be from both ends, to one place where none is missing.
        var low = Math.Max(0, _slots - 1 - (At(_slots - 1).Number - number));
        var high = Math.Min(_slots - 1, number - At(0).Number);
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var found = At((int)middle).Number;
            if (found == number)
            {
                return (int)middle;
            }

            if (found < number)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~(int)Math.Min(low, _slots);
    }

    private void Rebuild(int size)
    {
        var ring = new Entry[size];
        var count = 0;
        for (var i = 0; i < _slots; i++)
        {
            if (At(i).Chunk is not null)
            {
                ring[count++] = At(i);
            }
        }

        (_ring, _head, _slots) = (ring, 0, count);
    }

    private struct Entry(long number, long key, T chunk)
    {
        public long Number = number;
        public long Key = key;
        public T? Chunk = chunk;
    }
}
