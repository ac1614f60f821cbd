namespace Rookery.Silo;

/// <summary>How tweets are kept in MongoDB.</summary>
internal sealed record MongoTweetOptions
{
    /// <summary>Name of the database.</summary>
    public string Database { get; init; } = "rookery";

    /// <summary>Whether a tweet is stored with its JSON as received. Default: true.</summary>
    public bool KeepOriginals { get; init; } = true;

    /// <summary>
    /// Time after which MongoDB is taken for unavailable, of one operation on tweets and users or one call of the change stream, in which it
    /// may wait 1 s for changes: 2 s to 10 min; default 20 s. Whoever writes waits no longer than <c>store-timeout-seconds</c> for one attempt.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Tweets kept, about, 1,000 and more; beyond them those go that were not written for longest. Default: 5,000,000.</summary>
    public long MaxTweets { get; init; } = 5_000_000;

    /// <summary>Time that a tweet is kept after it was last written, 1 minute and more. Default: 30 days.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);
}
