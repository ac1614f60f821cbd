using System.Globalization;
using System.Text.Json;

namespace Rookery.Feed.Tests;

public class TweetShapeTests
{
    private static readonly string[] TweetFields =
    [
        "created_at", "id", "id_str", "text", "source", "truncated", "in_reply_to_status_id", "in_reply_to_status_id_str",
        "in_reply_to_user_id", "in_reply_to_user_id_str", "in_reply_to_screen_name", "user", "geo", "coordinates", "place", "contributors",
        "is_quote_status", "retweet_count", "favorite_count", "entities", "favorited", "retweeted", "filter_level", "lang",
    ];

    private static readonly string[] UserFields =
    [
        "id", "id_str", "name", "screen_name", "location", "url", "description", "protected", "verified", "followers_count", "friends_count",
        "listed_count", "favourites_count", "statuses_count", "created_at", "utc_offset", "time_zone", "geo_enabled", "lang",
        "contributors_enabled", "is_translator", "is_translation_enabled", "profile_background_color", "profile_background_image_url",
        "profile_background_image_url_https", "profile_background_tile", "profile_link_color", "profile_sidebar_border_color",
        "profile_sidebar_fill_color", "profile_text_color", "profile_use_background_image", "profile_image_url", "profile_image_url_https",
        "profile_banner_url", "default_profile", "default_profile_image", "following", "follow_request_sent", "notifications",
    ];

    private static readonly List<JsonElement> Tweets = Streams.Sequence(seed: 11).Tweets(4_000);

    [Fact]
    public void Every_tweet_has_every_field_and_so_have_the_tweets_inside()
    {
        foreach (var tweet in Tweets.Concat(Inner()))
        {
            Assert.All(TweetFields, field => Assert.True(tweet.TryGetProperty(field, out _), field));
            var user = tweet.GetProperty("user");
            Assert.Equal(UserFields, user.EnumerateObject().Select(property => property.Name));
            Assert.Equal(
                ["hashtags", "urls", "user_mentions", "symbols"], tweet.GetProperty("entities").EnumerateObject().Select(p => p.Name).Take(4));
        }
    }

    [Fact]
    public void No_object_has_a_field_twice()
    {
        foreach (var tweet in Tweets.Take(500))
        {
            AssertDistinct(tweet);
        }
    }

    [Fact]
    public void Ids_are_beyond_2_to_the_53_grow_with_time_and_equal_their_text()
    {
        var previous = 1L << 53;
        foreach (var tweet in Tweets)
        {
            var id = tweet.GetProperty("id").GetInt64();
            Assert.True(id > previous);
            Assert.Equal(id.ToString(CultureInfo.InvariantCulture), tweet.GetProperty("id_str").GetString());
            previous = id;
        }
    }

    [Fact]
    public void The_three_dates_of_a_tweet_agree()
    {
        foreach (var tweet in Tweets)
        {
            var milliseconds = long.Parse(tweet.GetProperty("timestamp_ms").GetString()!, CultureInfo.InvariantCulture);
            Assert.Equal(milliseconds, (tweet.GetProperty("id").GetInt64() >> 22) + Snowflake.EpochMs);
            Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(milliseconds / 1000), Date(tweet));
        }
    }

    [Fact]
    public void A_tweet_is_younger_than_its_author_and_than_the_tweet_inside_it()
    {
        foreach (var tweet in Tweets.Concat(Inner()))
        {
            Assert.True(Date(tweet.GetProperty("user")) < Date(tweet));
        }

        foreach (var tweet in Tweets.Where(tweet => tweet.TryGetProperty("retweeted_status", out _)))
        {
            Assert.True(Date(tweet.GetProperty("retweeted_status")) < Date(tweet));
        }
    }

    [Fact]
    public void Counts_of_a_new_tweet_are_zero_and_those_inside_are_not()
    {
        Assert.All(Tweets, tweet => Assert.Equal((0, 0), Counts(tweet)));
        Assert.All(Inner(), tweet => Assert.True(Counts(tweet) is { Retweets: > 0, Favourites: > 0 }));
    }

    [Fact]
    public void The_text_of_a_retweet_names_the_author_and_repeats_the_original()
    {
        foreach (var tweet in Tweets.Where(tweet => tweet.TryGetProperty("retweeted_status", out _)))
        {
            var original = tweet.GetProperty("retweeted_status");
            var text = tweet.GetProperty("text").GetString()!;
            var whole = $"RT @{original.GetProperty("user").GetProperty("screen_name").GetString()}: {original.GetProperty("text").GetString()}";
            Assert.StartsWith(text.TrimEnd('…'), whole, StringComparison.Ordinal);
            Assert.False(tweet.GetProperty("is_quote_status").GetBoolean());
        }
    }

    [Fact]
    public void A_quote_refers_to_the_tweet_inside_it()
    {
        foreach (var tweet in Tweets.Where(tweet => tweet.TryGetProperty("quoted_status", out _)))
        {
            var quoted = tweet.GetProperty("quoted_status");
            Assert.True(tweet.GetProperty("is_quote_status").GetBoolean());
            Assert.Equal(quoted.GetProperty("id").GetInt64(), tweet.GetProperty("quoted_status_id").GetInt64());
            Assert.Equal(quoted.GetProperty("id_str").GetString(), tweet.GetProperty("quoted_status_id_str").GetString());
            Assert.EndsWith(
                quoted.GetProperty("id_str").GetString()!,
                tweet.GetProperty("entities").GetProperty("urls")[0].GetProperty("expanded_url").GetString(),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Entities_are_where_their_indices_say_in_code_points()
    {
        foreach (var tweet in Tweets.Concat(Inner()))
        {
            var runes = tweet.GetProperty("text").GetString()!.EnumerateRunes().Select(rune => rune.ToString()).ToArray();
            var entities = tweet.GetProperty("entities");
            foreach (var (kind, field, sign) in ((string, string, string)[])
                [("hashtags", "text", "#"), ("user_mentions", "screen_name", "@"), ("urls", "url", "")])
            {
                foreach (var entity in entities.GetProperty(kind).EnumerateArray())
                {
                    var (start, end) = (entity.GetProperty("indices")[0].GetInt32(), entity.GetProperty("indices")[1].GetInt32());
                    Assert.Equal(sign + entity.GetProperty(field).GetString(), string.Concat(runes[start..end]));
                }
            }
        }
    }

    private static IEnumerable<JsonElement> Inner()
    {
        foreach (var tweet in Tweets)
        {
            if (tweet.TryGetProperty("retweeted_status", out var inner) || tweet.TryGetProperty("quoted_status", out inner))
            {
                yield return inner;
            }
        }
    }

    private static (long Retweets, long Favourites) Counts(JsonElement tweet)
    {
        return (tweet.GetProperty("retweet_count").GetInt64(), tweet.GetProperty("favorite_count").GetInt64());
    }

    private static DateTimeOffset Date(JsonElement of)
    {
        return DateTimeOffset.ParseExact(
            of.GetProperty("created_at").GetString()!, "ddd MMM dd HH:mm:ss zzz yyyy", CultureInfo.InvariantCulture);
    }

    private static void AssertDistinct(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            var names = element.EnumerateObject().Select(property => property.Name).ToArray();
            Assert.Equal(names.Distinct(), names);
            foreach (var property in element.EnumerateObject())
            {
                AssertDistinct(property.Value);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                AssertDistinct(item);
            }
        }
    }
}
