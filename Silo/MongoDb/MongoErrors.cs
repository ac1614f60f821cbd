using System.Globalization;
using System.Net.Sockets;
using MongoDB.Bson;
using MongoDB.Driver;
using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>
/// What an error of MongoDB means to those who write tweets: not now, or never. Nothing of the driver goes further, its
/// exceptions cannot travel between the processes of a cluster.
/// </summary>
internal static class MongoErrors
{
    public const int DuplicateKey = 11000;

    /// <summary>Codes that say something about the document that was to be written; every other one is about the server.</summary>
    private static readonly HashSet<int> OfTheDocument =
    [
        2, // BadValue
        9, // FailedToParse
        14, // TypeMismatch
        15, // Overflow
        16, // InvalidLength
        22, // InvalidBSON
        28, // PathNotViable
        40, // ConflictingUpdateOperators
        52, // DollarPrefixedFieldName
        53, // InvalidIdField
        54, // NotSingleValueField
        56, // EmptyFieldName
        57, // DottedFieldName
        66, // ImmutableField
        121, // DocumentValidationFailure
        10334, // BSONObjectTooLarge
        17280, // KeyTooLong
        17419, // the document would grow too large
        17420, // the document to be inserted is too large
    ];

    /// <summary>Whether an error came from the driver, the server or the network.</summary>
    public static bool IsOne(Exception error) =>
        error is MongoException or TimeoutException or IOException or SocketException or BsonException or FormatException or ObjectDisposedException;

    /// <summary>An error as <see cref="StoreUnavailableException"/> or <see cref="StoreRejectedException"/>.</summary>
    /// <param name="error">What came.</param>
    /// <param name="what">What was tried, as <c>writing 100 tweets</c>.</param>
    /// <param name="idOf">The id of the document of a write of a bulk, by its index.</param>
    public static Exception Translate(Exception error, string what, Func<int, long>? idOf = null)
    {
        if (error is MongoBulkWriteException bulk)
        {
            // A duplicate key says nothing by itself: see BulkUpsert.
            var errors = bulk.WriteErrors.Where(one => one.Code != DuplicateKey).ToList();
            var others = errors.FirstOrDefault(one => !OfTheDocument.Contains(one.Code));
            if (errors.Count > 0 && others is null && bulk.WriteConcernError is null)
            {
                var ids = string.Join(", ", errors.Take(10).Select(one => idOf?.Invoke(one.Index).ToString(CultureInfo.InvariantCulture) ?? "?"));
                return new StoreRejectedException($"{what}: MongoDB does not take {ids}: {errors[0].Message}");
            }

            return new StoreUnavailableException($"{what}: {others?.Message ?? bulk.WriteConcernError?.Message ?? bulk.Message}");
        }

        return error switch
        {
            BsonException or FormatException => new StoreRejectedException($"{what}: {error.Message}"),
            MongoCommandException command when OfTheDocument.Contains(command.Code) => new StoreRejectedException($"{what}: {command.Message}"),
            _ => new StoreUnavailableException($"{what}: {FirstLine(error.Message)}"),
        };
    }

    // The driver appends the state of the whole cluster to a timeout.
    private static string FirstLine(string message) => message.Length > 500 ? string.Concat(message.AsSpan(0, 500), "…") : message;
}
