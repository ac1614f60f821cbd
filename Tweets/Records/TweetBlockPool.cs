namespace Rookery.Tweets;

/// <summary>
/// Keeps blocks for the next use. It bounds what it keeps, and counts what is out, so that a host that waits for
/// <see cref="BytesInUse"/> to fall knows the memory of the whole pipeline. For any number of threads.
/// </summary>
public sealed class TweetBlockPool
{
    /// <summary>Size of an ordinary block unless asked otherwise: 256 KiB.</summary>
    public const int DefaultBlockBytes = 256 << 10;

    /// <summary>A pool of blocks of one size; bigger ones are made for long events and not kept.</summary>
    /// <param name="blockBytes">Size of an ordinary block, 4 KiB to 64 MiB.</param>
    /// <param name="kept">How many blocks to keep.</param>
    public TweetBlockPool(int blockBytes = DefaultBlockBytes, int kept = 64) => throw new NotImplementedException();

    /// <summary>Bytes of all blocks rented and not yet returned.</summary>
    public long BytesInUse { get; }

    /// <summary>Number of blocks rented and not yet returned.</summary>
    public int BlocksInUse { get; }

    /// <summary>Called after a block came back, on the thread that released it: where a host wakes a reader that waits for memory.</summary>
    public Action? Returned { get; set; }

    /// <summary>An empty block with one reference.</summary>
    /// <param name="minimumBytes">What it must hold at least; 0 for an ordinary one.</param>
    public TweetBlock Rent(int minimumBytes = 0) => throw new NotImplementedException();

    internal void Return(TweetBlock block) => throw new NotImplementedException();
}
