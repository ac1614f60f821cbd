using MongoDB.Bson;
using MongoDB.Driver;

namespace Rookery.Silo;

/// <summary>
/// The collections of tweets and users in one database, majority and journaled, with their indexes. An operation has a deadline,
/// and its errors are translated.
/// </summary>
internal sealed class MongoTweets
{
    /// <summary>Names of collections whose changes are followed.</summary>
    public const string TweetsName = "tweets", UsersName = "users";

    private readonly MongoTweetOptions _options;
    private readonly Lock _gate = new();
    private Task? _prepared;

    public MongoTweets(IMongoClient client, MongoTweetOptions options)
    {
        _options = options;
        Database = client.GetDatabase(options.Database)
            .WithWriteConcern(WriteConcern.WMajority.With(journal: true))
            .WithReadConcern(ReadConcern.Majority)
            .WithReadPreference(ReadPreference.Primary);
        Tweets = Database.GetCollection<BsonDocument>(TweetsName);
        Users = Database.GetCollection<BsonDocument>(UsersName);
        Engagements = Database.GetCollection<BsonDocument>("users_engagements");
    }

    public IMongoDatabase Database { get; }

    public IMongoCollection<BsonDocument> Tweets { get; }

    public IMongoCollection<BsonDocument> Users { get; }

    public IMongoCollection<BsonDocument> Engagements { get; }

    public MongoTweetOptions Options => _options;

    /// <summary>Does something with the collections once they and their indexes are there.</summary>
    /// <param name="what">What it is, for an error.</param>
    /// <param name="operation">Does it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Tweets.StoreUnavailableException">Not now.</exception>
    /// <exception cref="Tweets.StoreRejectedException">Never.</exception>
    public async Task<T> RunAsync<T>(string what, Func<CancellationToken, Task<T>> operation, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_options.Timeout);
        try
        {
            await PreparedAsync().WaitAsync(timeout.Token).ConfigureAwait(false);
            return await operation(timeout.Token).WaitAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new Rookery.Tweets.StoreUnavailableException($"{what}: MongoDB did not answer within {_options.Timeout.TotalSeconds:0.###} s");
        }
        catch (Exception error) when (MongoErrors.IsOne(error))
        {
            throw MongoErrors.Translate(error, what);
        }
    }

    /// <summary>Makes the indexes, once; again where that failed.</summary>
    private Task PreparedAsync()
    {
        lock (_gate)
        {
            return _prepared is { IsFaulted: false, IsCanceled: false } ? _prepared : _prepared = PrepareAsync();
        }
    }

    private async Task PrepareAsync()
    {
        await CreateAsync(Tweets, "user_id", "created_at", "sentiment", "engagement", "changed").ConfigureAwait(false);
        await CreateAsync(Users, "screen_name", "changed").ConfigureAwait(false);
        await CreateAsync(Engagements, "mean").ConfigureAwait(false);
    }

    private static async Task CreateAsync(IMongoCollection<BsonDocument> collection, params string[] fields) =>
        await collection.Indexes.CreateManyAsync(fields.Select(field => new CreateIndexModel<BsonDocument>(new BsonDocument(field, 1))))
            .ConfigureAwait(false);
}
