using System.Collections.Concurrent;

namespace Rookery.Tweets;

/// <summary>
/// Keeps blocks for the next use. It bounds what it keeps, and counts what is out, so that a host that waits for
/// <see cref="BytesInUse"/> to fall bounds the memory of the whole pipeline. For any number of threads.
/// </summary>
public sealed class TweetBlockPool
{
    /// <summary>Size of an ordinary block unless asked otherwise: 256 KiB.</summary>
    public const int DefaultBlockBytes = 256 << 10;

    private readonly ConcurrentBag<TweetBlock> _free = [];
    private readonly int _blockBytes;
    private readonly int _kept;
    private long _bytesInUse;
    private int _blocksInUse;

    /// <summary>A pool of blocks of one size; those that had to grow beyond twice of it are not kept.</summary>
    /// <param name="blockBytes">Size of an ordinary block, 4 KiB to 64 MiB.</param>
    /// <param name="kept">How many unused blocks to keep, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its bounds.</exception>
    public TweetBlockPool(int blockBytes = DefaultBlockBytes, int kept = 64)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockBytes, 4 << 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blockBytes, 64 << 20);
        ArgumentOutOfRangeException.ThrowIfNegative(kept);
        _blockBytes = blockBytes;
        _kept = kept;
    }

    /// <summary>Bytes of all blocks rented and not yet returned.</summary>
    public long BytesInUse => Volatile.Read(ref _bytesInUse);

    /// <summary>Number of blocks rented and not yet returned.</summary>
    public int BlocksInUse => Volatile.Read(ref _blocksInUse);

    /// <summary>Called after a block came back, on the thread that released it: where a host wakes a reader that waits for memory.</summary>
    public Action? Returned { get; set; }

    /// <summary>An empty block with one reference.</summary>
    /// <param name="minimumBytes">What it must be able to take from the stream at least; 0 for an ordinary one.</param>
    public TweetBlock Rent(int minimumBytes = 0)
    {
        var bytes = minimumBytes + (minimumBytes >> 2);
        if (bytes > _blockBytes || !_free.TryTake(out var block))
        {
            block = new TweetBlock(this, Math.Max(bytes, _blockBytes));
        }

        block.Rented();
        Interlocked.Increment(ref _blocksInUse);
        Interlocked.Add(ref _bytesInUse, block.Capacity);
        return block;
    }

    /// <summary>Lets the collector have the blocks that are kept unused.</summary>
    public void Trim() => _free.Clear();

    internal void Grown(int bytes) => Interlocked.Add(ref _bytesInUse, bytes);

    internal void Return(TweetBlock block)
    {
        Interlocked.Decrement(ref _blocksInUse);
        Interlocked.Add(ref _bytesInUse, -block.Capacity);
        if (block.Capacity <= 2 * _blockBytes && _free.Count < _kept)
        {
            block.StartReading();
            _free.Add(block);
        }

        Returned?.Invoke();
    }
}
