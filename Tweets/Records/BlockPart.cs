namespace Rookery.Tweets;

/// <summary>Some records of a block: the unit of work of a stage. Whoever holds one holds a reference to the block.</summary>
/// <param name="Block">The block.</param>
/// <param name="Start">Position of the first record.</param>
/// <param name="Count">Number of records.</param>
public readonly record struct BlockPart(TweetBlock Block, int Start, int Count)
{
    /// <summary>The whole of a block.</summary>
    public static BlockPart Of(TweetBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        return new BlockPart(block, 0, block.Count);
    }

    /// <summary>The records.</summary>
    public Span<TweetRecord> Records => Block.Records.Slice(Start, Count);
}
