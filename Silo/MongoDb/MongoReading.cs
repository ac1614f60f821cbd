using System.Runtime.CompilerServices;
using System.Text;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Rookery.Silo;

/// <summary>Reading of documents that may lack any field, or have it in another type.</summary>
internal static class MongoReading
{
    /// <summary>Finds documents, some fields of each.</summary>
    public static async IAsyncEnumerable<BsonDocument> FindManyAsync(
        this IMongoCollection<BsonDocument> collection,
        BsonDocument filter,
        IEnumerable<string> fields,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        BsonDocument? sort = null,
        int? limit = null)
    {
        var projection = new BsonDocument("_id", 1);
        foreach (var field in fields)
        {
            projection.Add(field, 1);
        }

        using var cursor = await collection.Find(filter).Project(projection).Sort(sort).Limit(limit).ToCursorAsync(cancellationToken).ConfigureAwait(false);
        while (await cursor.MoveNextAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var document in cursor.Current)
            {
                yield return document;
            }
        }
    }

    public static long Id(this BsonDocument document) => document["_id"].ToInt64();

    public static long Number(this BsonDocument document, string field) =>
        document.TryGetValue(field, out var value) && value.IsNumeric ? value.ToInt64() : 0;

    public static long? Link(this BsonDocument document, string field) =>
        document.TryGetValue(field, out var value) && value.IsNumeric ? value.ToInt64() : null;

    public static double? Real(this BsonDocument document, string field) =>
        document.TryGetValue(field, out var value) && value.IsNumeric ? value.ToDouble() : null;

    /// <summary>A time in milliseconds since 1970 (UTC); 0 where there is none.</summary>
    public static long Time(this BsonDocument document, string field) =>
        document.TryGetValue(field, out var value) && value.IsBsonDateTime ? value.AsBsonDateTime.MillisecondsSinceEpoch : 0;

    public static byte[] Utf8(this BsonDocument document, string field) =>
        document.TryGetValue(field, out var value) && value.IsString ? Encoding.UTF8.GetBytes(value.AsString) : [];
}
