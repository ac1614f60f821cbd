using MongoDB.Bson;
using MongoDB.Driver;
using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>
/// Upserts in one unordered bulk, each held back by a guard: a filter that leaves a document alone that a later write has
/// changed. Such a document is there and does not match, so that inserting it fails with a duplicate key, which is as it should
/// be. So it does when two first writes of an id meet; what the guard does not explain is written again.
/// </summary>
internal static class BulkUpsert
{
    private const int MaxAttempts = 5;
    private static readonly BulkWriteOptions Unordered = new() { IsOrdered = false };

    /// <summary>Writes.</summary>
    /// <param name="collection">Where to.</param>
    /// <param name="updates">Distinct ids, each with its update.</param>
    /// <param name="later">Matches documents that a later write has changed.</param>
    /// <param name="cancellationToken">Gives up; the outcome is unknown.</param>
    /// <returns>Documents that were new, and documents that were known.</returns>
    /// <exception cref="StoreUnavailableException">Not now.</exception>
    /// <exception cref="StoreRejectedException">Never: one of them cannot be written as it is; the message has its id.</exception>
    public static async Task<(int Inserted, int Updated)> WriteAsync(
        IMongoCollection<BsonDocument> collection,
        List<KeyValuePair<long, RawBsonDocument>> updates,
        BsonDocument later,
        CancellationToken cancellationToken)
    {
        var (inserted, left) = (0, updates);
        for (var attempt = 1; left.Count > 0; attempt++)
        {
            try
            {
                var result = await collection.BulkWriteAsync(Models(left, later), Unordered, cancellationToken).ConfigureAwait(false);
                inserted += result.Upserts.Count;
                break;
            }
            catch (MongoBulkWriteException<BsonDocument> error) when (
                attempt < MaxAttempts && error.WriteConcernError is null && error.WriteErrors.All(one => one.Code == MongoErrors.DuplicateKey))
            {
                inserted += error.Result.Upserts.Count;
                left = await WithoutLaterAsync(collection, [.. error.WriteErrors.Select(one => left[one.Index])], later, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (MongoBulkWriteException error)
            {
                throw MongoErrors.Translate(error, $"writing {left.Count} {collection.CollectionNamespace.CollectionName}", index => left[index].Key);
            }
        }

        return (inserted, updates.Count - inserted);
    }

    private static List<WriteModel<BsonDocument>> Models(List<KeyValuePair<long, RawBsonDocument>> updates, BsonDocument later)
    {
        var guard = new BsonArray { later };
        var models = new List<WriteModel<BsonDocument>>(updates.Count);
        foreach (var (id, update) in updates)
        {
            var filter = new BsonDocument { { "_id", id }, { "$nor", guard } };
            models.Add(new UpdateOneModel<BsonDocument>(filter, update) { IsUpsert = true });
        }

        return models;
    }

    private static async Task<List<KeyValuePair<long, RawBsonDocument>>> WithoutLaterAsync(
        IMongoCollection<BsonDocument> collection,
        List<KeyValuePair<long, RawBsonDocument>> updates,
        BsonDocument later,
        CancellationToken cancellationToken)
    {
        var filter = new BsonDocument("_id", new BsonDocument("$in", new BsonArray(updates.Select(one => one.Key))));
        filter.AddRange(later);
        var found = await collection.Find(filter).Project(new BsonDocument("_id", 1)).ToListAsync(cancellationToken).ConfigureAwait(false);
        var passed = found.Select(one => one["_id"].ToInt64()).ToHashSet();
        return updates.FindAll(one => !passed.Contains(one.Key));
    }
}
