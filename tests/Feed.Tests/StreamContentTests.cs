using System.Text;
using System.Text.Json;

namespace Rookery.Feed.Tests;

public class StreamContentTests
{
    private const int Count = 6_000;

    private static readonly List<string> Payloads = Streams.Sequence(seed: 21).Payloads(Count);

    private static readonly List<JsonElement> Tweets = Payloads.ConvertAll(Streams.Tweet);

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public void A_payload_has_5_KB_or_more_in_the_mean(int seed)
    {
        var payloads = seed == 21 ? Payloads : Streams.Sequence(seed).Payloads(Count);

        Assert.InRange(payloads.Average(payload => (double)Encoding.UTF8.GetByteCount(payload)), 5 * 1024, 6 * 1024);
    }

    [Fact]
    public void A_third_are_retweets_and_a_twentieth_are_quotes()
    {
        Assert.InRange(Share(tweet => tweet.TryGetProperty("retweeted_status", out _)), 0.30, 0.36);
        Assert.InRange(Share(tweet => tweet.TryGetProperty("quoted_status", out _)), 0.035, 0.065);
    }

    [Fact]
    public void Many_languages_are_spoken_none_by_most()
    {
        var languages = Tweets.GroupBy(tweet => tweet.GetProperty("lang").GetString()!).ToDictionary(group => group.Key, group => group.Count());

        Assert.All((string[])["en", "es", "pt", "ja", "ar", "ru", "tr", "fr", "ko", "th"], code => Assert.True(languages.ContainsKey(code), code));
        Assert.InRange(languages["en"] / (double)Count, 0.28, 0.48);
        Assert.All(languages.Values, count => Assert.True(count < Count / 2));
    }

    [Theory]
    [InlineData("\\n")]
    [InlineData("\\\"")]
    [InlineData("\\/")]
    [InlineData("\\u00e9")]
    [InlineData("\\ud83d\\ude0d")]
    [InlineData("\\u0009")]
    [InlineData("é")]
    [InlineData("😂")]
    [InlineData("モンスト")]
    [InlineData(":null")]
    public void Escapes_plain_UTF8_and_nulls_all_occur(string spelling)
    {
        Assert.Contains(Payloads, payload => payload.Contains(spelling, StringComparison.Ordinal));
    }

    [Fact]
    public void Some_texts_are_long()
    {
        Assert.Contains(Tweets, tweet => tweet.GetProperty("text").GetString()!.Length > 500);
    }

    [Fact]
    public void Followers_go_from_none_to_millions()
    {
        var world = new TweetWorld(21);
        var random = Randomness.For(1, Purpose.Stream);
        var followers = Enumerable.Range(0, 20_000)
            .Select(_ => world.Author(world.Speakers(ref random), ref random).FollowersAt(StreamTime.StartMs))
            .Order()
            .ToArray();

        Assert.Equal(0, followers[0]);
        Assert.InRange(followers[followers.Length / 2], 100, 1_000);
        Assert.InRange(followers[^1], 1_000_000, 100_000_000);
    }

    [Fact]
    public void Few_hashtags_are_frequent_and_many_are_rare()
    {
        var tags = Tweets.SelectMany(tweet => tweet.GetProperty("entities").GetProperty("hashtags").EnumerateArray())
            .GroupBy(tag => tag.GetProperty("text").GetString())
            .Select(group => group.Count())
            .OrderDescending()
            .ToArray();

        Assert.True(tags.Length > 80);
        Assert.True(tags[0] > 10 * tags[tags.Length / 2]);
    }

    [Fact]
    public void A_user_who_recurs_keeps_name_and_number_and_counts_never_fall()
    {
        var recurring = Tweets.Select(tweet => tweet.GetProperty("user")).GroupBy(user => user.GetProperty("id").GetInt64())
            .Where(group => group.Count() > 1).ToList();

        Assert.True(recurring.Count > 200);
        foreach (var user in recurring)
        {
            Assert.Single(user.Select(seen => seen.GetProperty("screen_name").GetString()).Distinct());
            foreach (var count in (string[])["followers_count", "statuses_count", "favourites_count"])
            {
                var seen = user.Select(one => one.GetProperty(count).GetInt64()).ToArray();
                Assert.Equal(seen.Order(), seen);
            }
        }
    }

    [Fact]
    public void An_original_that_recurs_keeps_its_text_and_its_counts_grow_each_time()
    {
        var recurring = Tweets
            .Select(tweet => tweet.TryGetProperty("retweeted_status", out var inner) ? inner : default)
            .Where(inner => inner.ValueKind == JsonValueKind.Object)
            .GroupBy(inner => inner.GetProperty("id").GetInt64())
            .Where(group => group.Count() > 1)
            .ToList();

        Assert.True(recurring.Count > 100);
        foreach (var original in recurring)
        {
            Assert.Single(original.Select(seen => seen.GetProperty("text").GetString()).Distinct());
            Assert.Single(original.Select(seen => seen.GetProperty("created_at").GetString()).Distinct());
            foreach (var count in (string[])["retweet_count", "favorite_count"])
            {
                var seen = original.Select(one => one.GetProperty(count).GetInt64()).ToArray();
                Assert.All(seen.Zip(seen.Skip(1)), pair => Assert.True(pair.First < pair.Second));
            }
        }
    }

    [Fact]
    public void Originals_give_way_to_new_ones_after_a_while()
    {
        var trend = default(Trend);
        var random = Randomness.For(1, Purpose.Stream);
        var ids = new HashSet<long>();
        var texts = new HashSet<int>();
        for (var i = 0; i < 50_000; i++)
        {
            trend.Recur(rank: 0, stream: 1, StreamTime.StartMs + i, ref random);
            ids.Add(trend.Id);
            texts.Add(trend.Original);
        }

        Assert.InRange(ids.Count, 5, 1_000);
        Assert.Equal(ids.Count, texts.Count);
    }

    private static double Share(Func<JsonElement, bool> predicate)
    {
        return Tweets.Count(predicate) / (double)Count;
    }
}
