using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>
/// The tweets of this process, in its memory and nowhere else; beyond the most it may hold, those not seen for longest go. A tweet that
/// went and comes again counts as a new one of its author.
/// </summary>
/// <param name="most">Most tweets to hold, 1 or more.</param>
/// <param name="outbox">Told of what is written; null: nobody is.</param>
internal sealed class MemoryTweets(int most = 200_000, MemoryOutbox? outbox = null) : ITweetCollection
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, LinkedListNode<Entry>> _tweets = [];
    private readonly LinkedList<Entry> _seen = [];

    /// <summary>What is there now.</summary>
    public IReadOnlyList<ScoredTweet> Tweets
    {
        get
        {
            lock (_gate)
            {
                return [.. _seen.Select(entry => entry.Tweet)];
            }
        }
    }

    public Task<IReadOnlyDictionary<long, double?>> FindEngagementAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<long, double?>();
        lock (_gate)
        {
            foreach (var id in ids)
            {
                if (_tweets.TryGetValue(id, out var node))
                {
                    found[id] = node.Value.Tweet.Engagement;
                }
            }
        }

        return Task.FromResult<IReadOnlyDictionary<long, double?>>(found);
    }

    public async Task<StoreReceipt> WriteAsync(
        int partition, long batch, IReadOnlyList<ScoredTweet> tweets, CancellationToken cancellationToken)
    {
        if (outbox is not null)
        {
            await outbox.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        }

        var inserted = 0;
        lock (_gate)
        {
            foreach (var tweet in tweets)
            {
                inserted += Put(tweet, batch) ? 1 : 0;
            }
        }

        return new StoreReceipt(inserted, tweets.Count - inserted, 0, default, default);
    }

    public Task<IReadOnlySet<long>> FindWrittenAsync(
        int partition, long batch, IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlySet<long>>(
                ids.Where(id => _tweets.TryGetValue(id, out var node) && node.Value.Batch == batch).ToHashSet());
        }
    }

    public Task<bool> IsHealthyAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    private bool Put(ScoredTweet tweet, long batch)
    {
        if (_tweets.TryGetValue(tweet.Id, out var node))
        {
            if (node.Value.Batch > batch)
            {
                return false;
            }

            _seen.Remove(node);
            node.Value = new Entry(tweet.CompletedBy(node.Value.Tweet), batch);
            _seen.AddLast(node);
            outbox?.Add(node.Value.Tweet, isCreated: false);
            return false;
        }

        _tweets.Add(tweet.Id, _seen.AddLast(new Entry(tweet, batch)));
        outbox?.Add(tweet, isCreated: true);
        if (_tweets.Count > most)
        {
            _tweets.Remove(_seen.First!.Value.Tweet.Id);
            _seen.RemoveFirst();
        }

        return true;
    }

    private readonly record struct Entry(ScoredTweet Tweet, long Batch);
}
