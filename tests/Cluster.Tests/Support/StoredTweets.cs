using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;
using Rookery.Grains.Interfaces;

namespace Rookery.Cluster.Tests;

/// <summary>What is stored of tweets and users in MongoDB, held against itself and the topic.</summary>
internal static class StoredTweets
{
    /// <summary>Whether every user's engagement is that of the stored tweets, each counted once, and as many events were published at least.</summary>
    public static async Task<bool> AreWholeAsync(WebApplication silo, IMongoDatabase database)
    {
        var tweets = await database.GetCollection<BsonDocument>("tweets").Find(new BsonDocument()).ToListAsync();
        var users = await database.GetCollection<BsonDocument>("users").CountDocumentsAsync(new BsonDocument());
        var totals = await database.GetCollection<BsonDocument>("users_engagements").Find(new BsonDocument()).ToListAsync();
        var expected = tweets.Where(one => one.Contains("engagement")).GroupBy(one => one["user_id"].ToInt64())
            .ToDictionary(one => one.Key, one => (Count: one.LongCount(), Sum: one.Sum(tweet => tweet["engagement"].ToDouble())));
        var topic = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<ITopicGrain>("tweets");
        return users == tweets.Select(one => one["user_id"]).Distinct().Count()
            && totals.Count == expected.Count
            && totals.All(one => expected[one["_id"].ToInt64()] is var sum && sum.Count == one["count"].ToInt64() && Math.Abs(sum.Sum - one["sum"].ToDouble()) < 1e-6)
            && (await topic.GetStatsAsync()).Stats!.LastSequence >= tweets.Count;
    }
}
