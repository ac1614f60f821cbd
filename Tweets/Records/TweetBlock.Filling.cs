namespace Rookery.Tweets;

/// <content>What readers and the join do to a block.</content>
public sealed partial class TweetBlock
{
    private int _hashtagCount;
    private int _used;

    /// <summary>All bytes of the buffer: those of the stream, then those of decoded strings.</summary>
    internal byte[] Buffer => _buffer;

    /// <summary>Where the join keeps the block while it waits.</summary>
    internal LinkedListNode<TweetBlock> JoinNode { get; }

    /// <summary>When its time in the join is up.</summary>
    internal long JoinDeadline { get; set; }

    /// <summary>Scores the join still waits for.</summary>
    internal int JoinMissing { get; set; }

    /// <summary>Bytes that fit in without a bigger buffer.</summary>
    internal int Left => _buffer.Length - _used;

    // The last eighth is for decoded strings, so that they seldom need a bigger buffer.
    private int FillLimit => _buffer.Length - (_buffer.Length >> 3);

    internal void Rented()
    {
        _references = 1;
        Filled = 0;
        Stream = 0;
        ReceivedAt = 0;
        Companion = null;
        FirstSequence = 0;
        StartReading();
    }

    /// <summary>Forgets all records; decoded strings go behind what is filled.</summary>
    internal void StartReading() => Rewind(0, 0, Filled);

    internal (int Count, int Hashtags, int Used) Mark() => (Count, _hashtagCount, _used);

    /// <summary>Forgets the records added since a mark.</summary>
    internal void Rewind(int count, int hashtags, int used)
    {
        for (var i = count; i < Count; i++)
        {
            TweetCount -= _records[i].IsTweet ? 1 : 0;
            _records[i] = default;
        }

        Count = count;
        _hashtagCount = hashtags;
        _used = used;
    }

    internal ref TweetRecord AddRecord(RecordKind kind)
    {
        if (Count == _records.Length)
        {
            Array.Resize(ref _records, Count * 2);
        }

        ref var record = ref _records[Count++];
        record.Kind = kind;
        record.Parent = -1;
        record.FirstHashtag = _hashtagCount;
        TweetCount += record.IsTweet ? 1 : 0;
        return ref record;
    }

    internal void AddHashtag(ref TweetRecord record, Utf8Range tag)
    {
        if (_hashtagCount == _hashtags.Length)
        {
            Array.Resize(ref _hashtags, _hashtagCount * 2);
        }

        _hashtags[_hashtagCount++] = tag;
        record.HashtagCount++;
    }

    /// <summary>Room for a decoded string; follow with <see cref="Keep"/>. Spans of the buffer taken before are not good any more.</summary>
    internal Span<byte> Reserve(int bytes)
    {
        if (_buffer.Length - _used < bytes)
        {
            Grow(_used + bytes, _used);
        }

        return _buffer.AsSpan(_used, bytes);
    }

    internal Utf8Range Keep(int bytes)
    {
        var range = new Utf8Range(_used, bytes);
        _used += bytes;
        return range;
    }

    /// <summary>Drops bytes at the front, and makes sure that more can be filled in.</summary>
    internal void MoveToFront(int from)
    {
        if (from > 0)
        {
            System.Buffer.BlockCopy(_buffer, from, _buffer, 0, Filled - from);
            Filled -= from;
        }

        if (Filled == FillLimit)
        {
            Grow(_buffer.Length + 1, Filled);
        }

        StartReading();
    }

    /// <summary>Copies the rest of another block to the beginning of this empty one.</summary>
    internal void TakeRest(TweetBlock other, int from)
    {
        Filled = other.Filled - from;
        System.Buffer.BlockCopy(other._buffer, from, _buffer, 0, Filled);
        StartReading();
    }

    private void Grow(int needed, int kept)
    {
        var before = _buffer.Length;
        var bigger = GC.AllocateUninitializedArray<byte>(Math.Max(needed, before * 2));
        System.Buffer.BlockCopy(_buffer, 0, bigger, 0, kept);
        _buffer = bigger;
        _pool.Grown(bigger.Length - before);
    }
}
