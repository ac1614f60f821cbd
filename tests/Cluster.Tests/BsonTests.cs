using System.Text;
using MongoDB.Bson;
using Rookery.Silo;
using Rookery.Tweets;

namespace Rookery.Cluster.Tests;

/// <summary>What is written to MongoDB, byte by byte.</summary>
public sealed class BsonTests
{
    [Fact]
    public void Json_becomes_a_document_with_every_value_as_it_was()
    {
        var json = """
            {"id":722145369921077249,"small":-7,"big":4294967296,"huge":18446744073709551616,"half":0.5,"e":1e3,"yes":true,"no":false,"none":null,
             "text":"caf\u00e9 \ud83d\ude00 \"q\" \u0000 ü","n\u00e4me":"x","list":[1,"a",{"b":[]},[2.5]],"inner":{"deep":{"er":{}}}}
            """;
        var document = Original(json);
        Assert.Equal(BsonDocument.Parse(json.Replace("18446744073709551616", "1.8446744073709552E+19", StringComparison.Ordinal)
            .Replace("1e3", "1000.0", StringComparison.Ordinal)), document);
        Assert.Equal(BsonType.Int64, document["id"].BsonType);
        Assert.Equal(BsonType.Int32, document["small"].BsonType);
        Assert.Equal(BsonType.Double, document["huge"].BsonType);
    }

    [Theory]
    [InlineData("{\"a\\u0000b\":1}")]
    [InlineData("{\"half\":\"\\ud800\"}")]
    [InlineData("{\"broken\":")]
    [InlineData("[1,2]")]
    public void What_bson_cannot_hold_is_kept_as_the_text_it_came_as(string json) => Assert.Equal(json, Field(json).AsString);

    [Fact]
    public void Json_that_is_too_deep_is_kept_as_text()
    {
        var json = string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100);
        Assert.Equal(json, Field(json).AsString);
    }

    [Fact]
    public void The_update_of_a_tweet_has_what_it_has_removes_what_it_lacks_and_leaves_scores()
    {
        var documents = new TweetDocuments(keepOriginals: true);
        var update = documents.Tweet(
            new ScoredTweet
            {
                Id = 5,
                UserId = 7,
                Text = "té"u8.ToArray(),
                Hashtags = ["a"u8.ToArray()],
                Engagement = 0.5,
                Favorites = 3,
                CreatedAt = 1000,
                Json = "{\"id\":5}"u8.ToArray(),
            },
            partition: 17, batch: 345, now: 2000);
        Assert.Equal(
            BsonDocument.Parse("""
                {"$set":{"text":"té","hashtags":["a"],"favorites":NumberLong(3),"retweets":NumberLong(0),"user_id":NumberLong(7),"engagement":0.5,
                 "created_at":{"$date":{"$numberLong":"1000"}},"changed":{"$date":{"$numberLong":"2000"}},"partition":17,"batch":NumberLong(345),
                 "original":{"id":5}},
                 "$unset":{"censored":true,"lang":true,"author":true,"retweeted_id":true,"quoted_id":true},
                 "$setOnInsert":{"stored":{"$date":{"$numberLong":"2000"}}}}
                """),
            new BsonDocument(update.Elements));
    }

    private static BsonDocument Original(string json) => Field(json).AsBsonDocument;

    private static BsonValue Field(string json)
    {
        var buffer = new BsonBuffer();
        var start = buffer.Begin();
        OriginalWriter.Write(buffer, "original"u8, Encoding.UTF8.GetBytes(json));
        buffer.End(start);
        var document = new BsonDocument(buffer.ToDocument().Elements);
        Assert.Equal(["original"], document.Names);
        return document["original"];
    }
}
