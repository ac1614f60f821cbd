namespace Rookery.Broker;

/// <summary>
/// Numbered chunks, of which the oldest go first and some in between: a ring of references. Chunks that are let go are used
/// again; the key of one that went from between the others is still known.
/// </summary>
internal sealed class ChunkDeque<T>
    where T : class
{
    private const int MaxSpares = 4;

    private readonly Stack<T> _spares = new(MaxSpares);
    private (long Key, T? Chunk)[] _ring = new (long, T?)[4];
    private int _head;

    /// <summary>Number of the first chunk.</summary>
    public long First { get; private set; }

    /// <summary>Number behind the last chunk.</summary>
    public long End => First + Count;

    public int Count { get; private set; }

    /// <summary>A chunk, or null where it is gone or not there yet.</summary>
    public T? this[long number]
    {
        get
        {
            var index = number - First;
            return (ulong)index < (ulong)Count ? _ring[(_head + (int)index) & (_ring.Length - 1)].Chunk : null;
        }
    }

    /// <summary>The key that a chunk, gone or not, was put with.</summary>
    public long KeyOf(long number) => _ring[(_head + (int)(number - First)) & (_ring.Length - 1)].Key;

    /// <summary>Puts a chunk where there is none, before, within or behind the others.</summary>
    public void Put(long number, T chunk, long key = 0)
    {
        if (Count == 0)
        {
            First = number;
        }

        var first = Math.Min(First, number);
        var count = Math.Max(End, number + 1) - first;
        if (count > _ring.Length)
        {
            Grow(checked((int)count));
        }

        _head = (_head - (int)(First - first)) & (_ring.Length - 1);
        (First, Count) = (first, (int)count);
        _ring[(_head + (int)(number - First)) & (_ring.Length - 1)] = (key, chunk);
    }

    /// <summary>Lets a chunk go, and the gaps at both ends with it.</summary>
    public void Remove(long number)
    {
        ref var place = ref _ring[(_head + (int)(number - First)) & (_ring.Length - 1)];
        if (place.Chunk is { } chunk && _spares.Count < MaxSpares)
        {
            _spares.Push(chunk);
        }

        place.Chunk = null;
        while (Count > 0 && _ring[_head].Chunk is null)
        {
            _head = (_head + 1) & (_ring.Length - 1);
            First++;
            Count--;
        }
    }

    /// <summary>A chunk that was let go before, to be used again.</summary>
    public bool TryGetSpare([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? chunk) => _spares.TryPop(out chunk);

    private void Grow(int count)
    {
        var larger = new (long, T?)[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count)];
        for (var i = 0; i < Count; i++)
        {
            larger[i] = _ring[(_head + i) & (_ring.Length - 1)];
        }

        (_ring, _head) = (larger, 0);
    }
}
