namespace Rookery.Tweets;

/// <summary>
/// A buffer of bytes as read from a socket, and the records found in them. It is what travels through the pipeline: stages work
/// on a block, or on a part of one, and write their scores into its records. References are counted; the last one to
/// <see cref="Release"/> gives it back to its pool. Filling and reading belong to one owner; after that, stages may share it.
/// </summary>
public sealed partial class TweetBlock
{
    private readonly TweetBlockPool _pool;
    private byte[] _buffer;
    private TweetRecord[] _records = new TweetRecord[64];
    private Utf8Range[] _hashtags = new Utf8Range[64];
    private int _references;

    internal TweetBlock(TweetBlockPool pool, int bytes)
    {
        _pool = pool;
        _buffer = GC.AllocateUninitializedArray<byte>(bytes);
        JoinNode = new LinkedListNode<TweetBlock>(this);
    }

    /// <summary>Ingest number of the first record; record i has this plus i.</summary>
    public long FirstSequence { get; internal set; }

    /// <summary>Number of records, kill messages among them.</summary>
    public int Count { get; private set; }

    /// <summary>Number of records that are tweets.</summary>
    public int TweetCount { get; private set; }

    /// <summary>Number of kill messages among the records.</summary>
    public int KillCount => Count - TweetCount;

    /// <summary>Size of the buffer in bytes: what the block costs while it lives.</summary>
    public int Capacity => _buffer.Length;

    /// <summary>Bytes filled in from the stream.</summary>
    public int Filled { get; private set; }

    /// <summary>Number of the stream it was read from, for the host to set.</summary>
    public int Stream { get; set; }

    /// <summary>When its last bytes came, as the host measures time; for the host to set.</summary>
    public long ReceivedAt { get; set; }

    /// <summary>Something of the host's that travels with the block, such as its trace; for the host to set.</summary>
    public object? Companion { get; set; }

    /// <summary>Where the next bytes of the stream go; follow with <see cref="Advance"/>. Empty only after enough reads to fill the block.</summary>
    public Memory<byte> Free => _buffer.AsMemory(Filled, FillLimit - Filled);

    /// <summary>The records.</summary>
    public Span<TweetRecord> Records => _records.AsSpan(0, Count);

    /// <summary>One record, by its position.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public ref TweetRecord this[int index] => ref _records.AsSpan(0, Count)[index];

    /// <summary>The bytes of a range.</summary>
    public ReadOnlySpan<byte> Utf8(Utf8Range range) => _buffer.AsSpan(range.Start, range.Length);

    /// <summary>The bytes of a range, as memory that is good until the block is released.</summary>
    public ReadOnlyMemory<byte> Memory(Utf8Range range) => _buffer.AsMemory(range.Start, range.Length);

    /// <summary>The hashtags of a record of this block, as they were written, without the <c>#</c>.</summary>
    public ReadOnlySpan<Utf8Range> HashtagsOf(in TweetRecord record) => _hashtags.AsSpan(record.FirstHashtag, record.HashtagCount);

    /// <summary>The text to show: the censored one where there is one.</summary>
    public ReadOnlySpan<byte> ShownText(in TweetRecord record) =>
        (record.Scored & Stages.Censor) != 0 && record.Censored is { } censored ? censored : Utf8(record.Text);

    /// <summary>Says that bytes were written to the beginning of <see cref="Free"/>.</summary>
    /// <param name="bytes">How many.</param>
    public void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, FillLimit - Filled);
        Filled += bytes;
    }

    /// <summary>One more user of the block.</summary>
    public void Retain() => Interlocked.Increment(ref _references);

    /// <summary>One user fewer; the last one gives the block back, and nobody may touch it any more.</summary>
    /// <exception cref="ObjectDisposedException">It was released more often than retained.</exception>
    public void Release()
    {
        var left = Interlocked.Decrement(ref _references);
        ObjectDisposedException.ThrowIf(left < 0, this);
        if (left == 0)
        {
            _pool.Return(this);
        }
    }
}
