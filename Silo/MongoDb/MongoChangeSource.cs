using System.Text;
using MongoDB.Bson;
using Rookery.Grains;
using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>
/// Changes of <c>tweets</c> and <c>users</c> from a change stream of the database: only which document changed comes with it, what
/// it is by now is read from the collections. (<c>users_engagements</c> needs no stream: with it the user is always written, later.)
/// </summary>
internal sealed class MongoChangeSource(MongoTweets mongo) : IChangeSource
{
    private static readonly string[] TweetFields =
    [
        "text", "censored", "lang", "hashtags", "created_at", "favorites", "retweets", "sentiment", "engagement", "user_id", "author",
        "retweeted_id", "quoted_id",
    ];

    private static readonly string[] UserFields = ["screen_name", "name", "followers", "tweet_id"];

    public async Task<string> GetPositionAsync(CancellationToken cancellationToken)
    {
        await mongo.RunAsync("preparing the collections", _ => Task.FromResult(0), cancellationToken).ConfigureAwait(false);
        await using var reader = await OpenAnyAsync(null, cancellationToken).ConfigureAwait(false);
        return reader.Position ?? throw new ChangesUnsupportedException("MongoDB gives no position of its changes (it is older than version 4.2)");
    }

    public async Task<IChangeReader> OpenAsync(string position, CancellationToken cancellationToken) =>
        await OpenAnyAsync(position, cancellationToken).ConfigureAwait(false);

    public Task<IReadOnlyList<Change>> ScanAsync(bool ofTweets, long from, long after, int most, CancellationToken cancellationToken) =>
        mongo.RunAsync<IReadOnlyList<Change>>(
            "comparing what is stored",
            async cancel =>
            {
                var time = new BsonDateTime(from);
                var filter = new BsonDocument("$or", new BsonArray
                {
                    new BsonDocument("changed", new BsonDocument("$gt", time)),
                    new BsonDocument { { "changed", time }, { "_id", new BsonDocument("$gt", after) } },
                });
                var collection = ofTweets ? mongo.Tweets : mongo.Users;
                var changes = new List<Change>();
                var order = new BsonDocument { { "changed", 1 }, { "_id", 1 } };
                await foreach (var one in collection.FindManyAsync(filter, ["changed", "stored"], cancel, order, most).ConfigureAwait(false))
                {
                    changes.Add(new Change(ofTweets, one.Id(), one.Time("stored") == one.Time("changed"), one.Time("changed")));
                }

                return changes;
            },
            cancellationToken);

    public Task<StoredRows> FindAsync(IReadOnlyCollection<long> tweets, IReadOnlyCollection<long> users, CancellationToken cancellationToken) =>
        mongo.RunAsync(
            $"reading {tweets.Count} tweets and {users.Count} users",
            async cancel =>
            {
                var foundTweets = new Dictionary<long, ScoredTweet>(tweets.Count);
                var wanted = users.ToHashSet();
                await foreach (var one in mongo.Tweets.FindManyAsync(In(tweets), TweetFields, cancel).ConfigureAwait(false))
                {
                    var tweet = Tweet(one);
                    foundTweets[tweet.Id] = tweet;
                    if (tweet.UserId != 0)
                    {
                        wanted.Add(tweet.UserId);
                    }
                }

                return new StoredRows(foundTweets, await FindUsersAsync(wanted, cancel).ConfigureAwait(false));
            },
            cancellationToken);

    private Task<MongoChangeReader> OpenAnyAsync(string? position, CancellationToken cancellationToken) => MongoChangeReader.GuardAsync(
        mongo.Options.Timeout, cancel => MongoChangeReader.OpenAsync(mongo.Database, position, mongo.Options.Timeout, cancel), cancellationToken);

    private async Task<Dictionary<long, StoredUser>> FindUsersAsync(HashSet<long> ids, CancellationToken cancellationToken)
    {
        var engagements = new Dictionary<long, UserEngagement>(ids.Count);
        await foreach (var one in mongo.Engagements.FindManyAsync(In(ids), ["count", "sum"], cancellationToken).ConfigureAwait(false))
        {
            engagements[one.Id()] = new UserEngagement(one.Number("count"), one.Real("sum") ?? 0);
        }

        var users = new Dictionary<long, StoredUser>(ids.Count);
        await foreach (var one in mongo.Users.FindManyAsync(In(ids), UserFields, cancellationToken).ConfigureAwait(false))
        {
            users[one.Id()] = new StoredUser(Author(one, one.Id(), one.Number("tweet_id")), engagements.GetValueOrDefault(one.Id()));
        }

        return users;
    }

    private static ScoredTweet Tweet(BsonDocument one) => new()
    {
        Id = one.Id(),
        UserId = one.Number("user_id"),
        Text = one.Utf8("text"),
        Censored = one.Utf8("censored"),
        Language = one.Utf8("lang"),
        Hashtags = one.TryGetValue("hashtags", out var tags) && tags.IsBsonArray
            ? [.. tags.AsBsonArray.Where(tag => tag.IsString).Select(tag => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(tag.AsString))]
            : [],
        CreatedAt = one.Time("created_at"),
        Sentiment = one.Real("sentiment"),
        Engagement = one.Real("engagement"),
        Favorites = one.Number("favorites"),
        Retweets = one.Number("retweets"),
        RetweetedId = one.Link("retweeted_id"),
        QuotedId = one.Link("quoted_id"),
        Author = one.TryGetValue("author", out var author) && author.IsBsonDocument ? Author(author.AsBsonDocument, one.Number("user_id"), one.Id()) : null,
    };

    private static TweetAuthor Author(BsonDocument one, long id, long tweet) => new()
    {
        Id = id,
        ScreenName = one.Utf8("screen_name"),
        Name = one.Utf8("name"),
        Followers = one.Number("followers"),
        TweetId = tweet,
    };

    private static BsonDocument In(IEnumerable<long> ids) => new("_id", new BsonDocument("$in", new BsonArray(ids)));
}
