namespace Rookery.Tweets;

/// <summary>
/// What the store writes at once: distinct tweets and distinct users, the latest of each, in the order in which they first came.
/// It holds a reference to every block it took from. One thread at a time; made once and filled again after <see cref="Clear"/>.
/// </summary>
public sealed class StoreBatch : IDisposable
{
    private readonly List<TweetBlock> _blocks = [];
    private readonly List<(TweetBlock Block, int Index)> _tweets = [];
    private readonly List<(TweetBlock Block, int Index)> _users = [];
    private readonly Dictionary<long, int> _tweetOf = [];
    private readonly Dictionary<long, int> _userOf = [];

    /// <summary>Number of distinct tweets.</summary>
    public int TweetCount => _tweets.Count;

    /// <summary>Number of distinct users.</summary>
    public int UserCount => _users.Count;

    /// <summary>Number of records taken, repeats included: what the limits of <see cref="AdaptiveBatch"/> count.</summary>
    public int RecordCount { get; private set; }

    /// <summary>Bytes of the original JSON of the distinct tweets.</summary>
    public long Bytes { get; private set; }

    /// <summary>One tweet.</summary>
    /// <param name="index">0 to <see cref="TweetCount"/> − 1.</param>
    public TweetRow Tweet(int index) => new(_tweets[index].Block, _tweets[index].Index);

    /// <summary>One user.</summary>
    /// <param name="index">0 to <see cref="UserCount"/> − 1.</param>
    public UserRow User(int index) => new(_users[index].Block, _users[index].Index);

    /// <summary>Number of rows: users and tweets.</summary>
    public int RowCount => _users.Count + _tweets.Count;

    /// <summary>
    /// Some of the rows as a batch of their own, for a store that refuses the whole. Rows are counted with the users first, as a
    /// tweet is linked to a user who is there.
    /// </summary>
    /// <param name="first">0 to <see cref="RowCount"/> − <paramref name="count"/>.</param>
    /// <param name="count">Number of rows.</param>
    /// <returns>A batch that is good as long as this one; nothing may be added to it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are no such rows.</exception>
    public StoreBatch Part(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, RowCount - count);
        var part = new StoreBatch();
        for (var row = first; row < first + count; row++)
        {
            if (row < _users.Count)
            {
                part._users.Add(_users[row]);
            }
            else
            {
                var (block, index) = _tweets[row - _users.Count];
                part._tweets.Add((block, index));
                part.Bytes += block[index].Json.Length;
                part.RecordCount++;
            }
        }

        return part;
    }

    /// <summary>Takes the tweets of some records in, and the caller's reference to their block over.</summary>
    public void Add(in BlockPart part)
    {
        var block = part.Block;
        _blocks.Add(block);
        for (var i = part.Start; i < part.Start + part.Count; i++)
        {
            ref var record = ref block[i];
            if (!record.IsTweet)
            {
                continue;
            }

            RecordCount++;
            AddTweet(block, i, ref record);
            if (record.UserId > 0)
            {
                AddUser(block, i, record.UserId);
            }
        }
    }

    /// <summary>Empties the batch and releases its blocks.</summary>
    public void Clear()
    {
        foreach (var block in _blocks)
        {
            block.Release();
        }

        _blocks.Clear();
        _tweets.Clear();
        _users.Clear();
        _tweetOf.Clear();
        _userOf.Clear();
        RecordCount = 0;
        Bytes = 0;
    }

    /// <summary>Empties the batch, and lets go of the memory that it keeps for the next.</summary>
    public void Release()
    {
        Clear();
        _blocks.Capacity = 0;
        _tweets.Capacity = 0;
        _users.Capacity = 0;
        _tweetOf.TrimExcess(0);
        _userOf.TrimExcess(0);
    }

    /// <summary>The same as <see cref="Clear"/>.</summary>
    public void Dispose() => Clear();

    private static long Sequence((TweetBlock Block, int Index) row) => row.Block.FirstSequence + row.Index;

    private void AddTweet(TweetBlock block, int index, ref TweetRecord record)
    {
        if (_tweetOf.TryAdd(record.Id, _tweets.Count))
        {
            _tweets.Add((block, index));
            Bytes += record.Json.Length;
            return;
        }

        // Blocks leave the join out of order: the later record is the one with the higher number.
        var place = _tweetOf[record.Id];
        var known = _tweets[place];
        ref var other = ref known.Block[known.Index];
        if (Sequence(known) > block.FirstSequence + index)
        {
            Complete(ref other, record);
            return;
        }

        Complete(ref record, other);
        Bytes += record.Json.Length - other.Json.Length;
        _tweets[place] = (block, index);
    }

    // A score that came too late for the later record is better taken from the earlier one than lost.
    private static void Complete(ref TweetRecord later, in TweetRecord earlier)
    {
        var lacking = earlier.Scored & ~later.Scored;
        if ((lacking & Stages.Sentiment) != 0)
        {
            later.Sentiment = earlier.Sentiment;
            later.Words = earlier.Words;
        }

        if ((lacking & Stages.Engagement) != 0)
        {
            later.Engagement = earlier.Engagement;
        }

        later.Scored |= lacking & (Stages.Sentiment | Stages.Engagement);
    }

    private void AddUser(TweetBlock block, int index, long user)
    {
        if (_userOf.TryAdd(user, _users.Count))
        {
            _users.Add((block, index));
        }
        else if (Sequence(_users[_userOf[user]]) < block.FirstSequence + index)
        {
            _users[_userOf[user]] = (block, index);
        }
    }
}
