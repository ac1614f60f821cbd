namespace Rookery.Broker;

/// <summary>A list whose items can be changed in place and which is emptied without being cleared.</summary>
internal sealed class PlainList<T>
    where T : struct
{
    private T[] _items = [];

    public int Count { get; private set; }

    public ref T this[int index] => ref _items[index];

    public ref T this[Index index] => ref _items[index.GetOffset(Count)];

    public ReadOnlySpan<T> Span => _items.AsSpan(0, Count);

    public void Add(T item)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(4, Count * 2));
        }

        _items[Count++] = item;
    }

    public void Clear() => Count = 0;

    /// <summary>Sorts, and puts another list's items in the same order.</summary>
    public void SortWith<TOther>(PlainList<TOther> other)
        where TOther : struct => _items.AsSpan(0, Count).Sort(other._items.AsSpan(0, Count));

    public void Sort() => _items.AsSpan(0, Count).Sort();
}
