using System.Text.Json;

namespace Rookery.Feed.Tests;

public class SequenceTests
{
    [Fact]
    public void The_same_seed_and_stream_give_the_same_tweets()
    {
        Assert.Equal(Streams.Sequence(seed: 3).Payloads(500), Streams.Sequence(seed: 3).Payloads(500));
    }

    [Fact]
    public void Another_seed_or_another_stream_gives_other_tweets()
    {
        var tweets = Streams.Sequence(seed: 3).Payloads(50);

        Assert.Empty(tweets.Intersect(Streams.Sequence(seed: 4).Payloads(50)));
        Assert.Empty(tweets.Intersect(Streams.Sequence(seed: 3, stream: 2).Payloads(50)));
    }

    [Fact]
    public void The_order_in_which_streams_are_read_changes_neither()
    {
        var world = new TweetWorld(3);
        var first = new TweetSequence(world, 3, 1, 0);
        var second = new TweetSequence(world, 3, 2, 0);
        var (firsts, seconds) = (new List<string>(), new List<string>());
        for (var i = 0; i < 100; i++)
        {
            seconds.AddRange(second.Payloads(2));
            firsts.AddRange(first.Payloads(1));
        }

        Assert.Equal(Streams.Sequence(seed: 3, stream: 1).Payloads(100), firsts);
        Assert.Equal(Streams.Sequence(seed: 3, stream: 2).Payloads(200), seconds);
    }

    [Fact]
    public void Two_streams_never_make_the_same_id()
    {
        var ids = new[] { 1, 2, 3 }
            .SelectMany(stream => Streams.Sequence(seed: 3, stream).Tweets(1_000))
            .Select(tweet => tweet.GetProperty("id").GetInt64())
            .ToArray();

        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void Kill_messages_come_between_the_tweets_and_replace_none()
    {
        var messages = Streams.Sequence(seed: 3, panics: 0.2).Payloads(1_000);
        var tweets = messages.FindAll(message => message != "{\"message\": panic}");

        Assert.InRange(messages.Count - tweets.Count, 150, 250);
        Assert.Equal(Streams.Sequence(seed: 3).Payloads(tweets.Count), tweets);
    }

    [Fact]
    public void With_probability_0_there_is_no_kill_message_and_with_1_nothing_else()
    {
        Assert.DoesNotContain("{\"message\": panic}", Streams.Sequence(seed: 3, panics: 0).Payloads(2_000));
        Assert.All(Streams.Sequence(seed: 3, panics: 1).Payloads(100), message => Assert.Equal("{\"message\": panic}", message));
    }

    [Fact]
    public void The_kill_message_is_not_JSON()
    {
        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(Streams.Sequence(seed: 3, panics: 1).Payloads(1)[0]));
    }

    [Fact]
    public void A_copy_goes_on_by_itself_with_the_same_tweets()
    {
        var sequence = Streams.Sequence(seed: 3, panics: 0.1);
        _ = sequence.Payloads(300);
        _ = sequence.NextMaxLength();

        var copy = sequence.Copy();

        var expected = sequence.Payloads(300);
        Assert.Equal(expected, copy.Payloads(300));
        Assert.Equal(sequence.Tweets, copy.Tweets);
    }

    [Fact]
    public void The_next_connection_begins_where_the_furthest_one_is()
    {
        var stream = Streams.Live(new FeedOptions { Seed = 3, PanicProbability = 0 })[0];
        var expected = Streams.Sequence(seed: 3).Tweets(40);
        var time = new InstantTimeProvider();
        var buffer = Array.Empty<byte>();

        var slow = stream.Open();
        var fast = stream.Open();
        slow.FillOne(ref buffer, time);
        for (var i = 0; i < 20; i++)
        {
            fast.FillOne(ref buffer, time);
        }

        stream.Close(fast);
        var next = stream.Open();
        stream.Close(slow);

        Assert.Equal(20, next.Tweets);
        Assert.Equal(expected[20].GetRawText(), next.Snapshot().Tweets(1)[0].GetRawText());
        Assert.Equal(expected[1].GetRawText(), slow.Snapshot().Tweets(1)[0].GetRawText());
    }
}
