using System.Collections.Concurrent;
using Rookery.Silo;
using Rookery.Tweets;

namespace Rookery.Cluster.Tests;

/// <summary>Tweets and users that outlive partitions and silos, with faults to order.</summary>
internal sealed class FaultyStore : ITweetCollection, IUserCollection
{
    private int _writes;

    public MemoryTweets Tweets { get; } = new(10_000_000);

    public MemoryUsers Users { get; } = new(10_000_000);

    /// <summary>Decides about an operation before it happens, by its name; throws to fail it.</summary>
    public Func<string, CancellationToken, Task>? Before { get; set; }

    /// <summary>As <see cref="Before"/>, when it has happened: its outcome is unknown then.</summary>
    public Func<string, CancellationToken, Task>? After { get; set; }

    /// <summary>How long the writing of a user takes.</summary>
    public TimeSpan PerUser { get; set; }

    /// <summary>Tweets that are refused for good.</summary>
    public ConcurrentDictionary<long, bool> Poison { get; } = new();

    /// <summary>Users that are refused for good.</summary>
    public ConcurrentDictionary<long, bool> PoisonUsers { get; } = new();

    /// <summary>Batches of tweets written.</summary>
    public int Writes => Volatile.Read(ref _writes);

    /// <summary>The totals as they have to be: every stored tweet counted once, with the score it is stored with.</summary>
    public Dictionary<long, UserEngagement> Recomputed => Tweets.Tweets
        .Where(tweet => tweet.UserId != 0 && tweet.Engagement is not null)
        .GroupBy(tweet => tweet.UserId)
        .ToDictionary(user => user.Key, user => new UserEngagement(user.Count(), user.Sum(tweet => tweet.Engagement!.Value)));

    /// <summary>Whether the stored totals are exactly those, but for the last bits of their sums.</summary>
    public bool IsExact(out string difference)
    {
        var (expected, actual) = (Recomputed, Users.Totals);
        difference = string.Join("; ", expected.Keys.Union(actual.Keys)
            .Where(user => !IsSame(expected.GetValueOrDefault(user), actual.GetValueOrDefault(user)))
            .Take(5)
            .Select(user => $"user {user}: {actual.GetValueOrDefault(user)} instead of {expected.GetValueOrDefault(user)}"));
        return difference.Length == 0;
    }

    public async Task<IReadOnlyDictionary<long, double?>> FindEngagementAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        await BeforeAsync("find", cancellationToken);
        return await Tweets.FindEngagementAsync(ids, cancellationToken);
    }

    public async Task<StoreReceipt> WriteAsync(
        int partition, long batch, IReadOnlyList<ScoredTweet> tweets, CancellationToken cancellationToken)
    {
        await BeforeAsync("write tweets", cancellationToken);
        if (tweets.Any(tweet => Poison.ContainsKey(tweet.Id)))
        {
            // Some of it may have been written all the same.
            await Tweets.WriteAsync(partition, batch, [.. tweets.TakeWhile(tweet => !Poison.ContainsKey(tweet.Id))], cancellationToken);
            throw new StoreRejectedException("one of them is no tweet");
        }

        // One by one, so that a kill may come in the middle.
        var inserted = 0;
        foreach (var tweet in tweets)
        {
            inserted += (await Tweets.WriteAsync(partition, batch, [tweet], cancellationToken)).Inserted;
            await BeforeAsync("write tweet", cancellationToken);
        }

        Interlocked.Increment(ref _writes);
        await (After?.Invoke("write tweets", cancellationToken) ?? Task.CompletedTask);
        return new StoreReceipt(inserted, tweets.Count - inserted, 0, default, default);
    }

    public async Task<IReadOnlySet<long>> FindWrittenAsync(
        int partition, long batch, IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        await BeforeAsync("find written", cancellationToken);
        return await Tweets.FindWrittenAsync(partition, batch, ids, cancellationToken);
    }

    public Task<bool> IsHealthyAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    public async Task<IReadOnlyDictionary<long, UserEngagement>> FindTotalsAsync(IReadOnlyCollection<long> users, CancellationToken cancellationToken)
    {
        await BeforeAsync("find totals", cancellationToken);
        return await Users.FindTotalsAsync(users, cancellationToken);
    }

    public async Task WriteAsync(
        long version,
        IReadOnlyList<TweetAuthor> authors,
        IReadOnlyList<KeyValuePair<long, UserEngagement>> totals,
        CancellationToken cancellationToken)
    {
        await BeforeAsync("write users", cancellationToken);
        if (PerUser > TimeSpan.Zero)
        {
            await Task.Delay(PerUser * Math.Max(authors.Count, totals.Count), cancellationToken);
        }

        if (authors.Any(one => PoisonUsers.ContainsKey(one.Id)) || totals.Any(one => PoisonUsers.ContainsKey(one.Key)))
        {
            // The others are written all the same, as a bulk without an order does.
            await Users.WriteAsync(
                version, [.. authors.Where(one => !PoisonUsers.ContainsKey(one.Id))], [.. totals.Where(one => !PoisonUsers.ContainsKey(one.Key))], cancellationToken);
            throw new StoreRejectedException("one of them is no user");
        }

        await Users.WriteAsync(version, authors, totals, cancellationToken);
        await (After?.Invoke("write users", cancellationToken) ?? Task.CompletedTask);
    }

    private static bool IsSame(UserEngagement one, UserEngagement other) =>
        one.Count == other.Count && Math.Abs(one.Sum - other.Sum) <= 1e-9 * Math.Max(1, Math.Abs(one.Sum));

    private Task BeforeAsync(string what, CancellationToken cancellationToken) => Before?.Invoke(what, cancellationToken) ?? Task.CompletedTask;
}
