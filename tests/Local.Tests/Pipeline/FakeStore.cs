using Rookery.Tweets;

namespace Rookery.Local.Tests;

/// <summary>A store in memory that fails, stands still and comes back as told.</summary>
internal sealed class FakeStore : ITweetStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, double?> _tweets = [];
    private long _records;

    /// <summary>What a write throws, while set.</summary>
    public Func<Exception>? Failure { get; set; }

    /// <summary>Batches with such a tweet are refused for good.</summary>
    public Func<long, bool> Refuses { get; set; } = _ => false;

    /// <summary>What a look at its health throws, while set.</summary>
    public Func<Exception>? HealthFailure { get; set; }

    /// <summary>Writes wait for it.</summary>
    public TaskCompletionSource? Hold { get; set; }

    public long Records => Volatile.Read(ref _records);

    public int Attempts { get; private set; }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _tweets.Count;
            }
        }
    }

    public double? Sentiment(long id)
    {
        lock (_gate)
        {
            return _tweets[id];
        }
    }

    public async ValueTask<StoreReceipt> WriteAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        Attempts++;
        if (Hold is { } hold)
        {
            await hold.Task.WaitAsync(cancellationToken);
        }

        if (Failure is { } failure)
        {
            throw failure();
        }

        if (Enumerable.Range(0, batch.TweetCount).Any(i => Refuses(batch.Tweet(i).Id)))
        {
            throw new StoreRejectedException("one of these is no tweet");
        }

        lock (_gate)
        {
            for (var i = 0; i < batch.TweetCount; i++)
            {
                _tweets[batch.Tweet(i).Id] = batch.Tweet(i).Sentiment;
            }
        }

        Interlocked.Add(ref _records, batch.RecordCount);
        return new StoreReceipt(batch.TweetCount, 0, batch.UserCount, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
    }

    public ValueTask<bool> IsHealthyAsync(CancellationToken cancellationToken) =>
        HealthFailure is { } failure ? throw failure() : new(Failure is null);
}
