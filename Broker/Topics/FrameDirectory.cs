namespace Rookery.Broker;

/// <summary>
/// Where the topic's frames are. An event's entry names a slot here, so that a frame of moved events, whose numbers have
/// gaps, is found as fast as any other.
/// </summary>
internal sealed class FrameDirectory
{
    private readonly PlainList<FrameSlot> _slots = new();
    private readonly Stack<int> _free = new();
    private readonly Queue<int> _metadata = new();

    public ref FrameSlot this[int slot] => ref _slots[slot];

    /// <summary>Bytes of metadata that only a snapshot makes dispensable.</summary>
    public long MetadataBytes { get; private set; }

    /// <summary>Frames that were written and of which something is held.</summary>
    public int Count { get; private set; }

    /// <summary>Takes a slot for a frame that has no address yet.</summary>
    public int Open()
    {
        if (!_free.TryPop(out var slot))
        {
            slot = _slots.Count;
            _slots.Add(default);
        }

        _slots[slot] = new FrameSlot { Address = FrameSlot.NotWritten };
        return slot;
    }

    /// <summary>Gives back the slot of a frame that was never written.</summary>
    public void Cancel(int slot)
    {
        _slots[slot] = default;
        _free.Push(slot);
    }

    /// <summary>The frame was written.</summary>
    public void Written(int slot, long address, int frameBytes, int eventBytes)
    {
        ref var entry = ref _slots[slot];
        (entry.Address, entry.Held, entry.Metadata) = (address, frameBytes, frameBytes - eventBytes);
        Count++;
        MetadataBytes += entry.Metadata;
        _metadata.Enqueue(slot);
    }

    /// <summary>Releases bytes of a frame that was written; a frame without any left is forgotten.</summary>
    public void Release(int slot, long bytes, ITopicJournal journal, FrameCache? cache)
    {
        if (bytes == 0)
        {
            return;
        }

        ref var entry = ref _slots[slot];
        journal.Release(entry.Address, checked((int)bytes));
        entry.Held -= bytes;
        if (entry.Held <= entry.Metadata && entry.Cached is { } cached)
        {
            cache?.Remove(cached);
            entry.Cached = null;
        }

        if (entry.Held == 0)
        {
            Count--;
            Cancel(slot);
        }
    }

    /// <summary>Releases the metadata of all frames written before this one, which begins a snapshot of its own.</summary>
    public void ReleaseMetadataBefore(int slot, ITopicJournal journal, FrameCache? cache)
    {
        while (_metadata.TryPeek(out var first) && first != slot)
        {
            _metadata.Dequeue();
            var bytes = _slots[first].Metadata;
            _slots[first].Metadata = 0;
            MetadataBytes -= bytes;
            Release(first, bytes, journal, cache);
        }
    }

    /// <summary>Takes all frames out of the cache.</summary>
    public void Forget(FrameCache cache)
    {
        for (var i = 0; i < _slots.Count; i++)
        {
            if (_slots[i].Cached is { } cached)
            {
                cache.Remove(cached);
            }
        }
    }

    /// <summary>Slots of the frames written to [from, to), in order of address.</summary>
    public List<int> Between(long from, long to)
    {
        var found = new List<int>();
        for (var i = 0; i < _slots.Count; i++)
        {
            if (_slots[i].Held > 0 && _slots[i].Address >= from && _slots[i].Address < to)
            {
                found.Add(i);
            }
        }

        found.Sort((a, b) => _slots[a].Address.CompareTo(_slots[b].Address));
        return found;
    }
}

/// <summary>A frame of the topic.</summary>
internal struct FrameSlot
{
    /// <summary>Address of a frame whose commit is not complete.</summary>
    public const long NotWritten = long.MinValue;

    /// <summary>Its address in the journal.</summary>
    public long Address;

    /// <summary>Bytes not released yet.</summary>
    public long Held;

    /// <summary>Bytes among them that are no event's.</summary>
    public int Metadata;

    /// <summary>The journal could not read it.</summary>
    public bool Unreadable;

    /// <summary>Its records in memory, as far as the cache still has them.</summary>
    public CachedFrame? Cached;
}
