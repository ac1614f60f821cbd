using MongoDB.Bson;
using MongoDB.Driver;
using Rookery.Grains;
using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>One change stream. The driver itself takes it up again after a failure that is over at once.</summary>
internal sealed class MongoChangeReader : IChangeReader
{
    private const int MostAtOnce = 1000;

    private static readonly BsonDocument[] Pipeline =
    [
        new("$match", new BsonDocument("$or", new BsonArray
        {
            new BsonDocument("operationType", "invalidate"),
            new BsonDocument
            {
                { "operationType", new BsonDocument("$in", new BsonArray { "insert", "update", "replace" }) },
                { "ns.coll", new BsonDocument("$in", new BsonArray { MongoTweets.TweetsName, MongoTweets.UsersName }) },
            },
        })),
        new("$project", new BsonDocument { { "operationType", 1 }, { "ns.coll", 1 }, { "documentKey", 1 }, { "clusterTime", 1 } }),
    ];

    private readonly IChangeStreamCursor<BsonDocument> _cursor;

    private readonly TimeSpan _within;

    private MongoChangeReader(IChangeStreamCursor<BsonDocument> cursor, TimeSpan within) => (_cursor, _within) = (cursor, within);

    /// <summary>The position behind what was read.</summary>
    public string? Position => _cursor.GetResumeToken()?.ToJson();

    /// <param name="database">The database.</param>
    /// <param name="position">Where to go on; null: from now on.</param>
    /// <param name="within">Time that a call may take: a server that went away without a word does not end a connection.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<MongoChangeReader> OpenAsync(IMongoDatabase database, string? position, TimeSpan within, CancellationToken cancellationToken)
    {
        var options = new ChangeStreamOptions
        {
            BatchSize = MostAtOnce,
            MaxAwaitTime = TimeSpan.FromSeconds(1),
            ResumeAfter = position is null ? null : BsonDocument.Parse(position),
        };
        var pipeline = new BsonDocumentStagePipelineDefinition<ChangeStreamDocument<BsonDocument>, BsonDocument>(Pipeline);
        return new MongoChangeReader(await database.WatchAsync(pipeline, options, cancellationToken).ConfigureAwait(false), within);
    }

    public Task<ChangeBatch> ReadAsync(CancellationToken cancellationToken) => GuardAsync(_within, NextAsync, cancellationToken);

    private async Task<ChangeBatch> NextAsync(CancellationToken cancellationToken)
    {
        if (!await _cursor.MoveNextAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new StoreUnavailableException("MongoDB ended the stream of changes");
        }

        var changes = new List<Change>();
        foreach (var one in _cursor.Current)
        {
            if (one["operationType"] == "invalidate")
            {
                throw new ChangesLostException("the database was dropped");
            }

            // What others have put there, with another kind of id, is no tweet.
            if (one["documentKey"]["_id"] is { IsNumeric: true } id)
            {
                changes.Add(new Change(one["ns"]["coll"] == MongoTweets.TweetsName, id.ToInt64(), one["operationType"] == "insert", TimeOf(one)));
            }
        }

        return new ChangeBatch(changes, Position ?? throw new StoreUnavailableException("MongoDB gave no position behind the changes"));
    }

    public ValueTask DisposeAsync()
    {
        _cursor.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Runs something and tells what its error means.</summary>
    /// <param name="within">Time that it may take.</param>
    /// <param name="operation">Does it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<T> GuardAsync<T>(TimeSpan within, Func<CancellationToken, Task<T>> operation, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(within);
        try
        {
            // Whoever does not look at the token is not waited for either.
            return await operation(timeout.Token).WaitAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnavailableException($"following the changes: MongoDB did not answer within {within.TotalSeconds:0.###} s");
        }
        catch (MongoCommandException error) when (error.Code is 136 or 222 or 260 or 280 or 286 or 40576 or 40585)
        {
            // CappedPositionLost, CloseChangeStream, InvalidResumeToken, ChangeStreamFatalError, ChangeStreamHistoryLost, and what they were called before.
            throw new ChangesLostException(error.Message);
        }
        catch (MongoCommandException error) when (error.Code is 20 or 59 or 115 or 40324 or 40573)
        {
            // IllegalOperation, CommandNotFound, CommandNotSupported, an unknown stage, no replica set.
            throw new ChangesUnsupportedException($"this MongoDB cannot follow changes ({error.Message})");
        }
        catch (Exception error) when (MongoErrors.IsOne(error))
        {
            throw new StoreUnavailableException($"following the changes: {error.Message}");
        }
    }

    private static long TimeOf(BsonDocument one) =>
        one.TryGetValue("clusterTime", out var time) && time.IsBsonTimestamp ? time.AsBsonTimestamp.Timestamp * 1000L : 0;
}
