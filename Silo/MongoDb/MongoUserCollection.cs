using MongoDB.Bson;
using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>
/// The collections <c>users</c> and <c>users_engagements</c>: a document each per user, their <c>_id</c> the user's. The
/// engagement is written first, and the user with every change of it: who sees a user change finds its engagement.
/// </summary>
internal sealed class MongoUserCollection(MongoTweets mongo, TimeProvider time) : IUserCollection
{
    public Task<IReadOnlyDictionary<long, UserEngagement>> FindTotalsAsync(IReadOnlyCollection<long> users, CancellationToken cancellationToken) =>
        mongo.RunAsync<IReadOnlyDictionary<long, UserEngagement>>(
            $"reading the engagement of {users.Count} users",
            async cancel =>
            {
                var found = new Dictionary<long, UserEngagement>(users.Count);
                var filter = new BsonDocument("_id", new BsonDocument("$in", new BsonArray(users)));
                await foreach (var one in mongo.Engagements.FindManyAsync(filter, ["count", "sum"], cancel).ConfigureAwait(false))
                {
                    found[one.Id()] = new UserEngagement(one.Number("count"), one.Real("sum") ?? 0);
                }

                return found;
            },
            cancellationToken);

    public async Task WriteAsync(
        long version,
        IReadOnlyList<TweetAuthor> authors,
        IReadOnlyList<KeyValuePair<long, UserEngagement>> totals,
        CancellationToken cancellationToken)
    {
        var documents = new TweetDocuments(keepOriginals: false);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var later = new BsonDocument("version", new BsonDocument("$gt", version));
        var engagements = totals.Select(one => KeyValuePair.Create(one.Key, documents.Engagement(one.Value, version, now))).ToList();
        var known = authors.Select(one => one.Id).ToHashSet();
        var users = authors.Select(one => KeyValuePair.Create(one.Id, documents.User(one, version, now)))
            .Concat(totals.Where(one => !known.Contains(one.Key)).Select(one => KeyValuePair.Create(one.Key, documents.User(null, version, now))))
            .ToList();
        await mongo.RunAsync(
            $"writing the engagement of {totals.Count} users",
            cancel => BulkUpsert.WriteAsync(mongo.Engagements, engagements, later, cancel),
            cancellationToken).ConfigureAwait(false);
        await mongo.RunAsync(
            $"writing {users.Count} users",
            cancel => BulkUpsert.WriteAsync(mongo.Users, users, later, cancel),
            cancellationToken).ConfigureAwait(false);
    }
}
