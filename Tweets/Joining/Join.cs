using System.Numerics;

namespace Rookery.Tweets;

/// <summary>
/// Holds blocks until every enabled stage has reported on every tweet in them, or their time is up. A record is known by its
/// ingest number, which is its block and its place there; so a tweet id that recurs never meets another's scores.
/// For any number of threads; one short lock per report, none per tweet.
/// </summary>
public sealed class Join
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TweetBlock> _waiting = [];
    private readonly JoinOptions _options;
    private readonly int _stages;
    private JoinCounters _counters;

    /// <summary>An empty join.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public Join(JoinOptions? options = null)
    {
        _options = options ?? new JoinOptions();
        _options.Validate();
        _stages = BitOperations.PopCount((uint)_options.Stages);
    }

    /// <summary>What has happened so far.</summary>
    public JoinCounters Counters
    {
        get
        {
            lock (_lock)
            {
                return _counters;
            }
        }
    }

    /// <summary>Takes a block, whose reference passes to the join until the block comes out of it. Do this before a stage sees it.</summary>
    /// <param name="block">A block with tweets. One that has only kill messages has nothing to wait for.</param>
    /// <param name="now">The time, in milliseconds of any steady clock.</param>
    /// <returns>False where the join is full; the block stays with the caller. An empty join takes a block of any size.</returns>
    /// <exception cref="ArgumentException">The block has no tweets, or is in a join already.</exception>
    public bool TryAdd(TweetBlock block, long now)
    {
        ArgumentNullException.ThrowIfNull(block);
        if (block.TweetCount == 0)
        {
            throw new ArgumentException("A block without tweets has no scores to wait for.", nameof(block));
        }

        lock (_lock)
        {
            if (block.JoinNode.List is not null)
            {
                throw new ArgumentException("The block is in a join already.", nameof(block));
            }

            if (_counters.Waiting > 0 && _counters.Waiting + block.TweetCount > _options.MaxWaiting)
            {
                _counters.Refused++;
                return false;
            }

            block.JoinMissing = block.TweetCount * _stages;
            block.JoinDeadline = now + (long)_options.Timeout.TotalMilliseconds;
            _waiting.AddLast(block.JoinNode);
            _counters.Added += block.TweetCount;
            _counters.Waiting += block.TweetCount;
            return true;
        }
    }

    /// <summary>A stage has written its scores of some records.</summary>
    /// <param name="part">The records. The caller keeps its own reference to the block.</param>
    /// <param name="stage">The one stage; a report of a stage that is not enabled means nothing.</param>
    /// <returns>
    /// True to exactly one caller per block: it is complete, and the join's reference passes to the caller.
    /// Reports on a block that has already come out, or repeated ones, are counted and otherwise ignored.
    /// </returns>
    public bool Report(in BlockPart part, Stages stage)
    {
        if ((stage & _options.Stages) == 0)
        {
            return false;
        }

        var block = part.Block;
        var records = part.Records;
        lock (_lock)
        {
            if (block.JoinNode.List is null)
            {
                _counters.Late += Tweets(records);
                return false;
            }

            foreach (ref var record in records)
            {
                if (!record.IsTweet)
                {
                    continue;
                }

                if ((record.Scored & stage) != 0)
                {
                    _counters.Repeated++;
                    continue;
                }

                record.Scored |= stage;
                block.JoinMissing--;
            }

            if (block.JoinMissing > 0)
            {
                return false;
            }

            _counters.Completed += block.TweetCount;
            TakeOut(block);
            return true;
        }
    }

    /// <summary>Takes the blocks out whose time is up, oldest first; what is missing shows in <see cref="TweetRecord.Scored"/>.</summary>
    /// <param name="now">The time, on the clock of <see cref="TryAdd"/>.</param>
    /// <param name="expired">Where they go; with them, the join's references.</param>
    /// <returns>How many.</returns>
    public int Expire(long now, ICollection<TweetBlock> expired)
    {
        ArgumentNullException.ThrowIfNull(expired);
        var count = 0;
        lock (_lock)
        {
            while (_waiting.First is { } node && node.Value.JoinDeadline <= now)
            {
                var block = node.Value;
                foreach (ref readonly var record in block.Records)
                {
                    _counters.Incomplete += record.IsTweet && (record.Scored & _options.Stages) != _options.Stages ? 1 : 0;
                }

                _counters.Expired += block.TweetCount;
                TakeOut(block);
                expired.Add(block);
                count++;
            }
        }

        return count;
    }

    private void TakeOut(TweetBlock block)
    {
        _waiting.Remove(block.JoinNode);
        _counters.Waiting -= block.TweetCount;
    }

    private static int Tweets(ReadOnlySpan<TweetRecord> records)
    {
        var count = 0;
        foreach (ref readonly var record in records)
        {
            count += record.IsTweet ? 1 : 0;
        }

        return count;
    }
}
