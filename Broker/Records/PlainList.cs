using System.Buffers;
using System.Runtime.CompilerServices;

namespace Rookery.Broker;

/// <summary>A list in pooled memory whose items can be changed in place and which is emptied without being cleared.</summary>
internal sealed class PlainList<T>
    where T : struct
{
    /// <summary>One for all who need an empty one; nothing is added to it.</summary>
    public static readonly PlainList<T> Empty = new();

    private T[] _items = [];

    public int Count { get; private set; }

    public ref T this[int index] => ref _items[index];

    public ref T this[Index index] => ref _items[index.GetOffset(Count)];

    public ReadOnlySpan<T> Span => _items.AsSpan(0, Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T item)
    {
        if (Count == _items.Length)
        {
            Grow();
        }

        _items[Count++] = item;
    }

    public void Clear() => Count = 0;

    public void Sort() => _items.AsSpan(0, Count).Sort();

    /// <summary>Sorts, and puts another list's items in the same order.</summary>
    public void SortWith<TOther>(PlainList<TOther> other)
        where TOther : struct => _items.AsSpan(0, Count).Sort(other._items.AsSpan(0, Count));

    /// <summary>Gives the memory back; the list is empty then.</summary>
    public void Return()
    {
        if (_items.Length > 0)
        {
            ArrayPool<T>.Shared.Return(_items, RuntimeHelpers.IsReferenceOrContainsReferences<T>());
            (_items, Count) = ([], 0);
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<T>.Shared.Rent(Math.Max(16, Count * 2));
        _items.AsSpan(0, Count).CopyTo(larger);
        var count = Count;
        Return();
        (_items, Count) = (larger, count);
    }
}
