namespace Rookery.Tweets;

/// <summary>
/// Holds blocks until every enabled stage has reported on every tweet in them, or their time is up.
/// For any number of threads; one short lock per report on a block, none per tweet.
/// </summary>
public sealed class Join
{
    /// <summary>An empty join.</summary>
    public Join(JoinOptions? options = null) => throw new NotImplementedException();

    /// <summary>What has happened so far.</summary>
    public JoinCounters Counters { get; }

    /// <summary>Takes a block, whose reference passes to the join until the block comes out of it.</summary>
    /// <param name="block">A block with records.</param>
    /// <param name="now">The time, in milliseconds of any steady clock.</param>
    /// <returns>False where the join is full; the block stays with the caller.</returns>
    public bool TryAdd(TweetBlock block, long now) => throw new NotImplementedException();

    /// <summary>A stage has written its scores of some records.</summary>
    /// <param name="part">The records. The caller keeps its own reference to the block.</param>
    /// <param name="stage">The one stage.</param>
    /// <returns>
    /// True to exactly one caller per block: it is complete, and the join's reference passes to the caller.
    /// Reports on a block that has already come out, or repeated ones, are counted and otherwise ignored.
    /// </returns>
    public bool Report(in BlockPart part, Stages stage) => throw new NotImplementedException();

    /// <summary>Takes the blocks out whose time is up, oldest first; what is missing shows in <see cref="TweetRecord.Scored"/>.</summary>
    /// <param name="now">The time, on the clock of <see cref="TryAdd"/>.</param>
    /// <param name="expired">Where they go; with them, the join's references.</param>
    /// <returns>How many.</returns>
    public int Expire(long now, ICollection<TweetBlock> expired) => throw new NotImplementedException();
}
