using System.Text.Json;
using Rookery.Broker;

namespace Rookery.Local.Tests;

public sealed class ChangeFeedTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly ChangeFeedOptions Fast = new()
    {
        BatchSize = 7,
        Retry = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5)),
    };

    private readonly FakeBroker _broker = new();

    [Fact]
    public async Task What_was_committed_is_published_in_commit_order()
    {
        await using var fixture = new StoreFixture();
        await fixture.WriteAsync([.. Enumerable.Range(1, 30).Select(i => TweetMaker.Json(i, user: i % 3 + 1))]);
        await fixture.WriteAsync(TweetMaker.Json(5, favorites: 9));
        await PublishAllAsync(fixture);
        Assert.Equal([.. Enumerable.Range(1, 30).Select(i => $"\"{i}\""), "\"5\""], _broker.Ids("tweets"));
        Assert.Equal(["\"2\"", "\"3\"", "\"1\"", "\"7\""], _broker.Ids("users"));
        Assert.Equal(0, fixture.Store.Figures.Unpublished);
    }

    [Fact]
    public async Task A_tweets_event_has_text_user_scores_hashtags_and_links()
    {
        await using var fixture = new StoreFixture();
        var original = TweetMaker.Json(2, user: 9, text: "a very good day", favorites: 30, retweets: 20, followers: 100, tag: "rooks");
        await fixture.WriteAsync(TweetMaker.Json(1, text: "oh shit \"quoted\" 🐦", retweeted: original));
        await fixture.WriteAsync(TweetMaker.Json(2, user: 9, favorites: 80, retweets: 20, followers: 100));
        await PublishAllAsync(fixture);
        var events = _broker.Events.Where(e => e.Topic == "tweets").Select(e => JsonDocument.Parse(e.Message).RootElement).ToArray();
        var outer = Array.Find(events, e => e.GetProperty("id").GetString() == "1");
        Assert.Equal("oh shit \"quoted\" 🐦", outer.GetProperty("text").GetString());
        Assert.Equal("oh **** \"quoted\" 🐦", outer.GetProperty("censored").GetString());
        Assert.Equal("2", outer.GetProperty("retweeted_id").GetString());
        Assert.Equal("2016-04-18T19:30:47Z", outer.GetProperty("created_at").GetString());
        Assert.Equal("en", outer.GetProperty("lang").GetString());
        Assert.Equal("created", outer.GetProperty("change").GetString());
        Assert.Equal("user7", outer.GetProperty("user").GetProperty("screen_name").GetString());
        var inner = events[^1];
        Assert.Equal("updated", inner.GetProperty("change").GetString());
        Assert.Equal(1.0, inner.GetProperty("engagement").GetDouble());
        Assert.Equal(1, inner.GetProperty("user").GetProperty("engagement").GetProperty("count").GetInt64());
        Assert.True(inner.GetProperty("sentiment").GetDouble() > 0);
        Assert.All(_broker.Events, e => Assert.InRange(e.Priority, 0, 6));
        Assert.All(_broker.Events, e => Assert.DoesNotContain('\n', e.Message));
    }

    [Theory]
    [InlineData(Outcome.Unavailable)]
    [InlineData(Outcome.Refused)]
    [InlineData(Outcome.Unknown)]
    public async Task A_publish_that_fails_is_repeated_and_stored_once(Outcome outcome)
    {
        await using var fixture = new StoreFixture();
        await fixture.WriteAsync([.. Enumerable.Range(1, 30).Select(i => TweetMaker.Json(i))]);
        var failures = 0;
        _broker.Outcomes = (_, command) =>
            command.Number > 10 && failures++ < 20 ? new CommandResult { Outcome = outcome, Detail = "not now" } : null;
        var feed = await PublishAllAsync(fixture);
        Assert.True(feed.Retries > 0);
        Assert.Equal(Enumerable.Range(1, 30).Select(i => $"\"{i}\""), _broker.Ids("tweets"));
        Assert.Equal((31, 0), (feed.Published, feed.Refused));
    }

    [Fact]
    public async Task An_event_the_broker_will_never_take_is_counted_and_the_rest_published()
    {
        await using var fixture = new StoreFixture();
        await fixture.WriteAsync([.. Enumerable.Range(1, 5).Select(i => TweetMaker.Json(i))]);
        _broker.Outcomes = (commands, command) => commands.BytesOf(command.Id).SequenceEqual("\"3\""u8)
            ? new CommandResult { Outcome = Outcome.Invalid, Detail = "too odd" }
            : null;
        var feed = await PublishAllAsync(fixture);
        Assert.Equal(["\"1\"", "\"2\"", "\"4\"", "\"5\""], _broker.Ids("tweets"));
        Assert.Equal(1, feed.Refused);
    }

    [Fact]
    public async Task A_text_longer_than_the_broker_allows_is_cut_and_marked()
    {
        var broker = new FakeBroker { Limits = new BrokerLimits { MaxMessageBytes = 4000 } };
        await using var fixture = new StoreFixture();
        await fixture.WriteAsync(TweetMaker.Json(1, text: string.Concat(Enumerable.Repeat("ü", 100_000))));
        await PublishAllAsync(fixture, broker);
        var (_, _, message, _) = broker.Events.Single(e => e.Topic == "tweets");
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(message), 100, 4000);
        var json = JsonDocument.Parse(message).RootElement;
        Assert.True(json.GetProperty("truncated").GetBoolean());
        Assert.DoesNotContain('\uFFFD', json.GetProperty("text").GetString()!);
    }

    [Fact]
    public async Task A_broker_out_of_reach_is_waited_for()
    {
        await using var fixture = new StoreFixture();
        await fixture.WriteAsync(TweetMaker.Json(1));
        _broker.Closed = "not now";
        await using var feed = new ChangeFeed(fixture.Store, _broker, Fast);
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => feed.RunAsync(stop.Token));
        await WaitUntil(() => _broker.Sessions > 2);
        Assert.Equal("not now", feed.Status.Trouble);
        _broker.Closed = null;
        await WaitUntil(() => _broker.Ids("tweets").Length == 1 && feed.Status.Trouble is null);
        await stop.CancelAsync();
        await run.WaitAsync(Deadline);
    }

    [Fact]
    public async Task New_changes_are_published_as_they_come_and_removed_when_it_is_quiet()
    {
        await using var fixture = new StoreFixture();
        await using var feed = new ChangeFeed(fixture.Store, _broker, Fast with { TrimAfter = TimeSpan.FromMilliseconds(10) });
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => feed.RunAsync(stop.Token));
        for (var i = 1; i <= 3; i++)
        {
            await fixture.WriteAsync(TweetMaker.Json(i));
            await WaitUntil(() => _broker.Ids("tweets").Length == i);
        }

        await WaitUntil(() => fixture.Number("SELECT count(*) FROM changes") == 0);
        await stop.CancelAsync();
        await run.WaitAsync(Deadline);
    }

    [Fact]
    public async Task After_a_kill_what_was_not_published_is_published_and_nothing_twice()
    {
        using var folder = new TemporaryFolder();
        await using var fixture = new StoreFixture();
        await using (var broker = await BrokerFixture.Open(folder.Path))
        {
            await fixture.WriteAsync([.. Enumerable.Range(1, 20).Select(i => TweetMaker.Json(i, user: i))]);
            await PublishAllAsync(fixture, broker);
        }

        await fixture.WriteAsync([.. Enumerable.Range(21, 20).Select(i => TweetMaker.Json(i, user: i))]);
        // Published, but the removal of the first twenty was committed with the last batch at the latest: go back before it.
        await fixture.CrashAsync();
        await using (var broker = await BrokerFixture.Open(folder.Path))
        {
            await PublishAllAsync(fixture, broker);
            var stats = await broker.GetTopicAsync(TopicName.Parse("tweets"), CancellationToken.None);
            Assert.Equal(40, stats!.LastSequence);
        }
    }

    [Fact]
    public async Task What_was_published_but_not_yet_removed_when_killed_is_stored_once()
    {
        using var folder = new TemporaryFolder();
        await using var fixture = new StoreFixture();
        await using var broker = await BrokerFixture.Open(folder.Path);
        await fixture.WriteAsync([.. Enumerable.Range(1, 20).Select(i => TweetMaker.Json(i, user: i))]);
        await PublishAllAsync(fixture, broker);
        Assert.Equal(40, fixture.Number("SELECT count(*) FROM changes"));
        await fixture.CrashAsync();
        var feed = await PublishAllAsync(fixture, broker);
        Assert.Equal((40, 40), (feed.Published, feed.Repeated));
        Assert.Equal(20, (await broker.GetTopicAsync(TopicName.Parse("tweets"), CancellationToken.None))!.LastSequence);
        Assert.Equal(20, (await broker.GetTopicAsync(TopicName.Parse("users"), CancellationToken.None))!.LastSequence);
    }

    [Fact]
    public async Task Statistics_and_hashtags_are_published_in_time()
    {
        var time = new ManualTimeProvider();
        await using var server = new ScriptedServer(
            ScriptedServer.Answer("404 Not Found", "text/plain", ""),
            ScriptedServer.Stalling(TweetMaker.Event(TweetMaker.Json(1, tag: "rooks"))));
        var store = new FakeStore();
        await using var pipeline = new TweetPipeline(
            new TweetPipelineOptions { Source = server.Uri, Streams = 1, Stream = new TweetStreamOptions { Linger = TimeSpan.Zero } }, store, time);
        await using var feed = new StatisticsFeed(pipeline, _broker, time: time);
        using var stop = new CancellationTokenSource();
        await pipeline.StartAsync(CancellationToken.None);
        var run = Task.Run(() => feed.RunAsync(stop.Token));
        await WaitUntil(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            return new[] { "hashtags", "logger_stats", "tweets_stats", "users_stats" }.All(t => _broker.Ids(t).Length > 0);
        });
        await stop.CancelAsync();
        await run.WaitAsync(Deadline);
        var hashtags = JsonDocument.Parse(_broker.Events.First(e => e.Topic == "hashtags").Message).RootElement;
        Assert.Equal("rooks", hashtags.GetProperty("top")[0].GetProperty("tag").GetString());
        Assert.Equal(0, hashtags.GetProperty("top")[0].GetProperty("error").GetInt64());
        var tweets = JsonDocument.Parse(_broker.Events.First(e => e.Topic == "tweets_stats").Message).RootElement;
        Assert.Equal(1, tweets.GetProperty("processed").GetInt64());
        Assert.Contains("[processed=1]", tweets.GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    private async Task<ChangeFeedStatus> PublishAllAsync(StoreFixture fixture, IBroker? broker = null)
    {
        await using var feed = new ChangeFeed(fixture.Store, broker ?? _broker, Fast);
        using var deadline = new CancellationTokenSource(Deadline);
        await feed.FlushAsync(deadline.Token);
        return feed.Status;
    }

    private static async Task WaitUntil(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition())
        {
            await Task.Delay(2, deadline.Token);
        }
    }
}
