using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;
using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>
/// Keeps the store within its bounds: piece by piece the tweets go that were not written for longest, with the users that have no
/// other tweet. Every silo runs it, and one of them at a time has the lease to do it.
/// </summary>
/// <remarks>
/// The totals of users that stay keep counting what has gone: they belong to the partitions of users, which hold them in memory.
/// </remarks>
internal sealed class MongoRetention(MongoTweets mongo, TimeProvider time, ILogger<MongoRetention> logger) : BackgroundService
{
    private const int Piece = 1000;
    private const int PiecesAtOnce = 50;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private static readonly Counter<long> Expired = new Meter("Rookery.Silo").CreateCounter<long>("rookery.store.expired_tweets");

    private readonly string _name = Guid.NewGuid().ToString("N");

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Removes what is too much, where this one has the lease; some of it, where it is a lot.</summary>
    /// <returns>Tweets that went.</returns>
    /// <exception cref="StoreUnavailableException">Not now.</exception>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        if (!await mongo.RunAsync("taking the lease of the retention", TakeLeaseAsync, cancellationToken).ConfigureAwait(false))
        {
            return 0;
        }

        var removed = 0;
        for (var piece = 0; piece < PiecesAtOnce; piece++)
        {
            var gone = await mongo.RunAsync("removing the oldest tweets", RemovePieceAsync, cancellationToken).ConfigureAwait(false);
            removed += gone;
            if (gone < Piece)
            {
                break;
            }
        }

        Expired.Add(removed);
        return removed;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                await TrySweepAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The silo ends.
        }
    }

    private async Task TrySweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SweepAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever it is, it must not end the silo; the next turn will tell.
        catch (Exception error)
#pragma warning restore CA1031
        {
            SiloLog.NotSwept(logger, error is StoreUnavailableException or StoreRejectedException ? error.Message : error.ToString());
        }
    }

    private async Task<bool> TakeLeaseAsync(CancellationToken cancellationToken)
    {
        var filter = new BsonDocument
        {
            { "_id", "retention" },
            { "$or", new BsonArray { new BsonDocument("owner", _name), new BsonDocument("until", new BsonDocument("$lt", new BsonDateTime(Now))) } },
        };
        var lease = new BsonDocument { { "owner", _name }, { "until", new BsonDateTime(Now + (3 * (long)Every.TotalMilliseconds)) } };
        try
        {
            await mongo.Database.GetCollection<BsonDocument>("leases").UpdateOneAsync(
                filter, new BsonDocument("$set", lease), new UpdateOptions { IsUpsert = true }, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (MongoWriteException error) when (error.WriteError?.Code == MongoErrors.DuplicateKey)
        {
            // Another one has it.
            return false;
        }
    }

    private async Task<int> RemovePieceAsync(CancellationToken cancellationToken)
    {
        var count = await mongo.Tweets.EstimatedDocumentCountAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        var tooMany = (int)Math.Clamp(count - mongo.Options.MaxTweets, 0, Piece);

        // What somebody else has put there is no tweet, and stays.
        var filter = new BsonDocument
        {
            { "_id", new BsonDocument("$type", "long") },
            {
                "changed", tooMany > 0
                    ? new BsonDocument("$type", "date")
                    : new BsonDocument("$lt", new BsonDateTime(Now - (long)mongo.Options.MaxAge.TotalMilliseconds))
            },
        };
        var oldest = new List<BsonDocument>();
        var order = new BsonDocument("changed", 1);
        await foreach (var one in mongo.Tweets.FindManyAsync(filter, ["user_id"], cancellationToken, order, tooMany > 0 ? tooMany : Piece).ConfigureAwait(false))
        {
            oldest.Add(one);
        }

        if (oldest.Count > 0)
        {
            await mongo.Tweets.DeleteManyAsync(In("_id", oldest.Select(one => one.Id())), cancellationToken).ConfigureAwait(false);
            await RemoveUsersAsync([.. oldest.Select(one => one.Number("user_id")).Distinct()], cancellationToken).ConfigureAwait(false);
        }

        return oldest.Count;
    }

    private async Task RemoveUsersAsync(List<long> users, CancellationToken cancellationToken)
    {
        using var cursor = await mongo.Tweets.DistinctAsync<long>("user_id", In("user_id", users), cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        var others = (await cursor.ToListAsync(cancellationToken).ConfigureAwait(false)).ToHashSet();
        var gone = In("_id", users.Where(one => !others.Contains(one)));
        await mongo.Users.DeleteManyAsync(gone, cancellationToken).ConfigureAwait(false);
        await mongo.Engagements.DeleteManyAsync(gone, cancellationToken).ConfigureAwait(false);
    }

    private static BsonDocument In(string field, IEnumerable<long> ids) => new(field, new BsonDocument("$in", new BsonArray(ids)));
}
