using MongoDB.Bson;
using MongoDB.Driver;
using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>The collection <c>tweets</c>: a document per tweet, its <c>_id</c> the tweet's.</summary>
internal sealed class MongoTweetCollection(MongoTweets mongo, TimeProvider time) : ITweetCollection
{
    /// <summary>A health check that takes longer says no.</summary>
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(2);

    public Task<IReadOnlyDictionary<long, double?>> FindEngagementAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        mongo.RunAsync<IReadOnlyDictionary<long, double?>>(
            $"reading the engagement of {ids.Count} tweets",
            async cancel =>
            {
                var found = new Dictionary<long, double?>(ids.Count);
                await foreach (var tweet in mongo.Tweets.FindManyAsync(In(ids), ["engagement"], cancel).ConfigureAwait(false))
                {
                    found[tweet.Id()] = tweet.Real("engagement");
                }

                return found;
            },
            cancellationToken);

    public Task<StoreReceipt> WriteAsync(int partition, long batch, IReadOnlyList<ScoredTweet> tweets, CancellationToken cancellationToken) =>
        mongo.RunAsync(
            $"writing {tweets.Count} tweets",
            async cancel =>
            {
                var began = time.GetTimestamp();
                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                var documents = new TweetDocuments(mongo.Options.KeepOriginals);
                var updates = tweets.Select(one => KeyValuePair.Create(one.Id, documents.Tweet(one, partition, batch, now))).ToList();
                var later = new BsonDocument { { "partition", partition }, { "batch", new BsonDocument("$gt", batch) } };
                var (inserted, updated) = await BulkUpsert.WriteAsync(mongo.Tweets, updates, later, cancel).ConfigureAwait(false);
                return new StoreReceipt(inserted, updated, 0, time.GetElapsedTime(began), TimeSpan.Zero);
            },
            cancellationToken);

    public Task<IReadOnlySet<long>> FindWrittenAsync(
        int partition, long batch, IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        mongo.RunAsync<IReadOnlySet<long>>(
            $"looking for {ids.Count} tweets of batch {batch}",
            async cancel =>
            {
                var found = new HashSet<long>();
                var filter = In(ids).Add("partition", partition).Add("batch", batch);
                await foreach (var tweet in mongo.Tweets.FindManyAsync(filter, [], cancel).ConfigureAwait(false))
                {
                    found.Add(tweet.Id());
                }

                return found;
            },
            cancellationToken);

    /// <summary>Writes a mark of no meaning: whether a majority takes a write is known only by one.</summary>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(HealthTimeout);
        try
        {
            await mongo.Database.GetCollection<BsonDocument>("health").UpdateOneAsync(
                new BsonDocument("_id", "store"),
                new BsonDocument("$set", new BsonDocument("at", time.GetUtcNow().UtcDateTime)),
                new UpdateOptions { IsUpsert = true },
                timeout.Token).WaitAsync(timeout.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (MongoErrors.IsOne(error) || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private static BsonDocument In(IEnumerable<long> ids) => new("_id", new BsonDocument("$in", new BsonArray(ids)));
}
