using System.Runtime.InteropServices;

namespace Rookery.Tweets;

/// <summary>
/// Counts strings in bounded memory: the summary of Misra and Gries, thinned out by the median as in Anderson et al., "A
/// High-Performance Algorithm for Identifying Frequent Items in Data Streams" (2017). The count it has of a string is never too
/// high, and too low by at most <see cref="Error"/>, which is at most 2 · total / counters; 0 as long as no more strings than
/// counters occurred. Mergeable: counts and errors add up.
/// </summary>
internal sealed class TagSketch
{
    private readonly int _counters;
    private readonly List<Entry> _entries = [];
    private byte[] _bytes = [];
    private int _bytesUsed;
    private int[] _slots = new int[64];
    private long[] _median = [];

    /// <summary>An empty sketch.</summary>
    /// <param name="counters">Most strings counted at a time.</param>
    public TagSketch(int counters) => _counters = counters;

    /// <summary>By how much a count may be too low.</summary>
    public long Error { get; private set; }

    /// <summary>Number of occurrences added.</summary>
    public long Total { get; private set; }

    public ReadOnlySpan<Entry> Entries => CollectionsMarshal.AsSpan(_entries);

    public ReadOnlySpan<byte> Key(in Entry entry) => _bytes.AsSpan(entry.Start, entry.KeyLength);

    public ReadOnlySpan<byte> Display(in Entry entry) => _bytes.AsSpan(entry.Start + entry.KeyLength, entry.DisplayLength);

    /// <summary>Counts a string.</summary>
    /// <param name="key">What it is counted under.</param>
    /// <param name="display">How it was written; the first way is kept.</param>
    /// <param name="count">How often it occurred.</param>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> display, long count)
    {
        Total += count;
        var hash = HashOf(key);
        var slot = hash & (_slots.Length - 1);
        for (; _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            ref var known = ref CollectionsMarshal.AsSpan(_entries)[_slots[slot] - 1];
            if (known.Hash == hash && Key(known).SequenceEqual(key))
            {
                known.Count += count;
                return;
            }
        }

        if (_entries.Count == _counters)
        {
            ThinOut();
        }

        Append(hash, key, display, count);
    }

    /// <summary>Adds what another sketch has counted.</summary>
    public void Merge(TagSketch other)
    {
        var left = other.Total;
        foreach (ref readonly var entry in other.Entries)
        {
            Add(other.Key(entry), other.Display(entry), entry.Count);
            left -= entry.Count;
        }

        AddLost(left, other.Error);
    }

    /// <summary>Adds occurrences of which it is not known any more what they were.</summary>
    /// <param name="count">How many.</param>
    /// <param name="error">By how much they make each count too low at most.</param>
    public void AddLost(long count, long error) => (Total, Error) = (Total + count, Error + error);

    /// <summary>Forgets everything, and keeps the memory.</summary>
    public void Clear()
    {
        _entries.Clear();
        Array.Clear(_slots);
        _bytesUsed = 0;
        Error = Total = 0;
    }

    private void Append(int hash, ReadOnlySpan<byte> key, ReadOnlySpan<byte> display, long count)
    {
        var length = key.Length + display.Length;
        if (_bytesUsed + length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytesUsed + length, Math.Max(1024, _bytes.Length * 2)));
        }

        key.CopyTo(_bytes.AsSpan(_bytesUsed));
        display.CopyTo(_bytes.AsSpan(_bytesUsed + key.Length));
        _entries.Add(new Entry { Hash = hash, Start = _bytesUsed, KeyLength = (short)key.Length, DisplayLength = (short)display.Length, Count = count });
        _bytesUsed += length;
        if (_entries.Count * 2 > _slots.Length)
        {
            _slots = new int[_slots.Length * 2];
            Reindex();
        }
        else
        {
            Place(_entries.Count - 1);
        }
    }

    // The median goes off every count: half of the strings or more go with it.
    private void ThinOut()
    {
        if (_median.Length < _entries.Count)
        {
            _median = new long[_entries.Count];
        }

        for (var i = 0; i < _entries.Count; i++)
        {
            _median[i] = _entries[i].Count;
        }

        Array.Sort(_median, 0, _entries.Count);
        var median = _median[_entries.Count / 2];
        Error += median;
        var before = _entries.ToArray();
        var bytes = _bytes;
        _bytes = new byte[_bytes.Length];
        _bytesUsed = 0;
        _entries.Clear();
        Array.Clear(_slots);
        foreach (ref readonly var entry in before.AsSpan())
        {
            if (entry.Count > median)
            {
                var all = bytes.AsSpan(entry.Start, entry.KeyLength + entry.DisplayLength);
                Append(entry.Hash, all[..entry.KeyLength], all[entry.KeyLength..], entry.Count - median);
            }
        }
    }

    private void Reindex()
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            Place(i);
        }
    }

    private void Place(int entry)
    {
        var slot = _entries[entry].Hash & (_slots.Length - 1);
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        _slots[slot] = entry + 1;
    }

    // Seeded per process: anybody may invent hashtags.
    private static int HashOf(ReadOnlySpan<byte> key)
    {
        var hash = default(HashCode);
        hash.AddBytes(key);
        return hash.ToHashCode() & int.MaxValue;
    }

    public struct Entry
    {
        public int Hash;
        public int Start;
        public short KeyLength;
        public short DisplayLength;
        public long Count;
    }
}
