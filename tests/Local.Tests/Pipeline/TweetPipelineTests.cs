using System.Text;
using Rookery.Tweets;
using Rookery.Wire;

namespace Rookery.Local.Tests;

public sealed class TweetPipelineTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(12);

    private readonly FakeStore _store = new();

    [Fact]
    public async Task What_goes_in_comes_out_though_kill_messages_crash_the_workers()
    {
        const int Tweets = 3000;
        await using var server = Server(Events(Tweets, kills: true));
        await using var pipeline = new TweetPipeline(Options(server), _store);
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => pipeline.Status.In == Tweets);
        await StopAsync(pipeline);
        var status = pipeline.Status;
        Assert.Equal(Tweets / 10, status.Kills);
        Assert.Equal(Tweets / 10, status.Crashes);
        // Every third tweet is a retweet, whose original is a record of its own.
        Assert.Equal(Tweets + (Tweets / 3), status.Records);
        Assert.Equal(status.Records, status.Scored);
        Assert.Equal(status.Records, _store.Records);
        Assert.Equal(Tweets + (Tweets / 3), _store.Count);
        Assert.Equal((0, 0, 0, 0), (status.Waiting, status.Lost, status.Incomplete, status.BytesInFlight));
    }

    [Fact]
    public async Task Kill_messages_are_passed_over_where_told_so()
    {
        await using var server = Server(Events(200, kills: true));
        var options = Options(server);
        await using var pipeline = new TweetPipeline(options with { Pool = options.Pool with { IgnoreKills = true } }, _store);
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => _store.Records == 266);
        Assert.Equal((20, 0), (pipeline.Status.Kills, pipeline.Status.Crashes));
        await StopAsync(pipeline);
    }

    [Fact]
    public async Task A_store_that_is_down_is_waited_for_and_nothing_is_lost()
    {
        await using var server = Server(Events(900));
        _store.Failure = () => new StoreUnavailableException("the disk is full");
        await using var pipeline = new TweetPipeline(Options(server), _store);
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => pipeline.Status.Store!.Down is not null && pipeline.Status.Scored == 1200);
        Assert.Equal("the disk is full", pipeline.Status.Store!.Down);
        Assert.Equal(1200, pipeline.Status.Waiting);
        _store.Failure = null;
        await WaitUntil(() => _store.Records == 1200);
        await WaitUntil(() => pipeline.Status.Store!.Down is null);
        Assert.True(pipeline.Status.Store!.Failures >= 1);
        await StopAsync(pipeline);
        Assert.Equal(0, pipeline.Status.Lost);
    }

    [Fact]
    public async Task A_store_that_fails_in_an_unknown_way_is_written_to_again()
    {
        await using var server = Server(Events(90));
        _store.Failure = () => new InvalidOperationException("a surprise");
        await using var pipeline = new TweetPipeline(Options(server), _store);
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => _store.Attempts >= 1 && pipeline.Status.Store!.Down is not null);
        _store.Failure = null;
        await WaitUntil(() => _store.Records == 120);
        await StopAsync(pipeline);
    }

    [Fact]
    public async Task A_store_that_gives_up_by_itself_and_cannot_even_be_asked_is_written_to_again()
    {
        await using var server = Server(Events(90));
        _store.Failure = () => new OperationCanceledException("a deadline of its own");
        _store.HealthFailure = () => new InvalidOperationException("a surprise");
        await using var pipeline = new TweetPipeline(Options(server), _store);
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => pipeline.Status.Store!.Down == "a surprise");
        (_store.Failure, _store.HealthFailure) = (null, null);
        await WaitUntil(() => _store.Records == 120);
        await StopAsync(pipeline);
    }

    [Fact]
    public async Task Pressure_reaches_the_sockets_and_memory_stays_within_its_bound()
    {
        var filler = new string('x', 20_000);
        var big = new StringBuilder();
        for (var i = 1; i <= 3000; i++)
        {
            big.Append(TweetMaker.Event(TweetMaker.Json(i, text: filler)));
        }

        await using var server = Server(big.ToString());
        _store.Hold = new TaskCompletionSource();
        var options = Options(server) with { MaxBytesInFlight = 16 << 20 };
        await using var pipeline = new TweetPipeline(options, _store);
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => pipeline.Status.BytesInFlight >= 16 << 20);
        Assert.InRange(pipeline.Status.BytesInFlight, 16 << 20, 18 << 20);
        Assert.InRange(pipeline.Status.In, 1, 1500);
        _store.Hold.SetResult();
        await WaitUntil(() => _store.Count == 3000);
        await StopAsync(pipeline);
        Assert.Equal(0, pipeline.Status.BytesInFlight);
    }

    [Fact]
    public async Task An_operator_pauses_and_resumes_the_writing()
    {
        await using var server = Server(Events(300));
        await using var pipeline = new TweetPipeline(Options(server), _store);
        pipeline.Pause();
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => pipeline.Status.Scored == 400);
        Assert.Equal(0, _store.Attempts);
        Assert.True(pipeline.Status.Store!.Paused);
        pipeline.Resume();
        await WaitUntil(() => _store.Records == 400);
        Assert.False(pipeline.Status.Store!.Paused);
        await StopAsync(pipeline);
    }

    [Fact]
    public async Task Stopping_writes_what_was_read()
    {
        await using var server = Server(Events(3000));
        await using var pipeline = new TweetPipeline(Options(server), _store);
        pipeline.Pause();
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => pipeline.Status.In > 100);
        await StopAsync(pipeline);
        Assert.Equal(pipeline.Status.Records, _store.Records);
        Assert.Equal(0, pipeline.Status.Lost);
    }

    [Fact]
    public async Task A_stop_writes_what_was_read_also_after_a_stream_failed_for_good()
    {
        await using var server = Server(Events(3000));
        var options = Options(server) with { Streams = 2, StreamDelay = TimeSpan.FromMilliseconds(7) };
        await using var pipeline = new TweetPipeline(options, _store, new NoTimerOf(options.StreamDelay));
        pipeline.Pause();
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => pipeline.Status.In > 100);
        await StopAsync(pipeline);
        Assert.Equal(0, pipeline.Status.Streams[1].Connects);
        Assert.Equal(pipeline.Status.Records, _store.Records);
        Assert.Equal(0, pipeline.Status.Lost);
    }

    [Fact]
    public async Task A_stop_whose_deadline_passes_says_what_it_lost()
    {
        await using var server = Server(Events(300));
        _store.Hold = new TaskCompletionSource();
        await using var pipeline = new TweetPipeline(Options(server), _store);
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => pipeline.Status.Scored == 400 && _store.Attempts == 1);
        using var deadline = new CancellationTokenSource();
        var stop = pipeline.StopAsync(deadline.Token);
        Assert.False(stop.IsCompleted);
        await deadline.CancelAsync();
        await stop.WaitAsync(Deadline);
        Assert.Equal(400, pipeline.Status.Lost);
    }

    [Fact]
    public async Task A_stop_that_is_cut_short_in_the_pools_and_at_the_store_says_so_once()
    {
        await using var server = Server(Events(30));
        var options = Options(server);
        var slow = new SimulatedWorkOptions { Distribution = WorkDistribution.Uniform, Min = TimeSpan.FromMinutes(1), Max = TimeSpan.FromMinutes(1) };
        _store.Hold = new TaskCompletionSource();
        var log = new PipelineLog();
        await using var pipeline = new TweetPipeline(options with { Pool = options.Pool with { SimulatedWork = slow } }, _store, logger: log);
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => pipeline.Status.Records == 40);
        await pipeline.StopAsync(new CancellationToken(canceled: true)).WaitAsync(Deadline);
        Assert.Equal(40, pipeline.Status.Lost);
        Assert.Equal(
            "stopped before everything that was read was scored and stored; 40 records are lost",
            Assert.Single(log.Lines, line => line.StartsWith("stopped before", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Bad_events_are_counted_by_reason_and_the_good_ones_stored()
    {
        var events = "data: {\"message\": {\"tweet\": \n\n"
            + "data: 5\n\n"
            + TweetMaker.Event("{\"id\":7}")
            + TweetMaker.Event("{\"text\":\"no id\"}")
            + TweetMaker.Event(TweetMaker.Json(1, text: ""))
            + TweetMaker.Event(TweetMaker.Json(2, text: new string('x', 1_000_000)))
            + TweetMaker.Event(TweetMaker.Json(3, followers: 0, favorites: 5));
        await using var server = Server(events);
        await using var pipeline = new TweetPipeline(Options(server), _store);
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => _store.Count == 3);
        await StopAsync(pipeline);
        var rejected = pipeline.Status.Rejected;
        Assert.Equal(4, rejected.Values.Sum());
        Assert.Equal((1, 1), (rejected["NoText"], rejected["NoId"]));
        Assert.Equal(1, rejected["BrokenJson"]);
    }

    [Fact]
    public async Task Without_a_store_tweets_are_scored_and_ranked()
    {
        await using var server = Server(string.Concat(Enumerable.Range(1, 50).Select(i =>
            TweetMaker.Event(TweetMaker.Json(i, tag: i % 5 == 0 ? "rare" : "rooks")))));
        await using var pipeline = new TweetPipeline(Options(server), store: null);
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => pipeline.TopHashtags.Count == 2 && pipeline.TopHashtags[0].Count == 40);
        Assert.Equal("rooks", pipeline.TopHashtags[0].Tag);
        Assert.Null(pipeline.Status.Store);
        await WaitUntil(() => pipeline.Status.Waiting == 0);
        await StopAsync(pipeline);
        Assert.Equal(0, pipeline.Status.BytesInFlight);
    }

    [Fact]
    public async Task Scores_that_do_not_come_in_time_are_stored_without_and_counted()
    {
        await using var server = Server(TweetMaker.Events(1, 3));
        var options = Options(server);
        options = options with
        {
            Join = new JoinOptions { Timeout = TimeSpan.FromMilliseconds(50) },
            Pool = options.Pool with
            {
                SimulatedWork = new SimulatedWorkOptions
                {
                    Distribution = WorkDistribution.Uniform,
                    Min = TimeSpan.FromMinutes(1),
                    Max = TimeSpan.FromMinutes(1),
                },
            },
        };
        await using var pipeline = new TweetPipeline(options, _store);
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => _store.Count == 3);
        Assert.Equal(3, pipeline.Status.Incomplete);
        Assert.Null(_store.Sentiment(1));
    }

    [Fact]
    public async Task Speculation_stores_each_tweet_once()
    {
        await using var server = Server(Events(120));
        var options = Options(server);
        await using var pipeline = new TweetPipeline(
            options with
            {
                Pool = options.Pool with
                {
                    Speculation = 3,
                    Size = new PoolScalerOptions { Min = 3, Max = 6 },
                    SimulatedWork = new SimulatedWorkOptions { Distribution = WorkDistribution.Poisson, Mean = TimeSpan.FromMilliseconds(1) },
                },
            },
            _store);
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => _store.Records == 160);
        await StopAsync(pipeline);
        Assert.Equal((160, 160), (_store.Records, _store.Count));
        Assert.Equal(160, pipeline.Status.Scored);
        Assert.Equal(0, pipeline.Status.Incomplete);
    }

    [Fact]
    public async Task Viewers_see_censored_top_level_tweets_with_the_number_of_the_worker()
    {
        var inner = TweetMaker.Json(2, text: "the original");
        await using var server = Server(TweetMaker.Event(TweetMaker.Json(1, text: "oh shit", retweeted: inner)));
        await using var pipeline = new TweetPipeline(Options(server), _store);
        using var cancel = new CancellationTokenSource(Deadline);
        var viewer = pipeline.WatchAsync(cancel.Token).GetAsyncEnumerator();
        var first = viewer.MoveNextAsync();
        Assert.Equal(1, pipeline.Status.Viewers);
        await pipeline.StartAsync(CancellationToken.None);
        Assert.True(await first);
        Assert.Equal(("oh ****", 0), (viewer.Current.Text, viewer.Current.Skipped));
        Assert.True(viewer.Current.Worker >= 1);
        await viewer.DisposeAsync();
        Assert.Equal(0, pipeline.Status.Viewers);
        await StopAsync(pipeline);
    }

    [Fact]
    public async Task A_slow_viewer_skips_and_is_told_how_many()
    {
        var maker = new TweetMaker();
        var hub = new ViewerHub(queued: 2);
        await using var viewer = hub.WatchAsync(CancellationToken.None).GetAsyncEnumerator();
        var first = viewer.MoveNextAsync();
        var block = maker.Block([.. Enumerable.Range(1, 7).Select(i => TweetMaker.Json(i, text: $"t{i}"))]);
        hub.Show(new BlockPart(block, 0, 1), worker: 3);
        Assert.True(await first);
        Assert.Equal(new ViewedTweet(3, "t1", 0), viewer.Current);
        // The viewer takes nothing now: the queue holds two, the other four do not fit.
        hub.Show(new BlockPart(block, 1, 6), worker: 3);
        Assert.True(await viewer.MoveNextAsync() && await viewer.MoveNextAsync());
        Assert.Equal(new ViewedTweet(3, "t3", 0), viewer.Current);
        var next = viewer.MoveNextAsync();
        hub.Show(new BlockPart(block, 0, 1), worker: 4);
        Assert.True(await next);
        Assert.Equal(new ViewedTweet(4, "t1", 4), viewer.Current);
    }

    [Fact]
    public async Task The_words_of_the_server_are_used()
    {
        await using var server = new ScriptedServer(
            ScriptedServer.Answer("200 OK", "text/plain", "rook\t5\r\n"),
            ScriptedServer.Stalling(TweetMaker.Event(TweetMaker.Json(1, text: "good rook"))));
        await using var pipeline = new TweetPipeline(Options(server), _store);
        await pipeline.StartAsync(CancellationToken.None);
        await WaitUntil(() => _store.Count == 1);
        Assert.Equal(2.5, _store.Sentiment(1));
        await StopAsync(pipeline);
    }

    [Fact]
    public async Task A_server_that_is_slow_with_its_words_does_not_delay_the_tweets()
    {
        await using var server = new ScriptedServer(
            (_, cancel) => Task.Delay(Timeout.Infinite, cancel), ScriptedServer.Stalling(TweetMaker.Events(1, 3)));
        await using var pipeline = new TweetPipeline(Options(server) with { LexiconTimeout = TimeSpan.FromHours(1) }, _store);
        await pipeline.StartAsync(CancellationToken.None).WaitAsync(Deadline);
        await WaitUntil(() => _store.Count == 3);
        await StopAsync(pipeline);
    }

    [Fact]
    public void A_wrong_option_is_named()
    {
        var wrong = new TweetPipelineOptions { Streams = 0 };
        Assert.Contains("Streams", Assert.ThrowsAny<ArgumentException>(() => new TweetPipeline(wrong, null)).Message, StringComparison.Ordinal);
        wrong = new TweetPipelineOptions { Source = new Uri("ftp://x/") };
        Assert.Contains("Source", Assert.ThrowsAny<ArgumentException>(() => new TweetPipeline(wrong, null)).Message, StringComparison.Ordinal);
    }

    /// <summary>The first connection asks for words, which this server does not have; the second gets the stream.</summary>
    private static ScriptedServer Server(string events) =>
        new(ScriptedServer.Answer("404 Not Found", "text/plain", ""), ScriptedServer.Stalling(events));

    private static string Events(int count, bool kills = false)
    {
        var events = new StringBuilder();
        for (var i = 1; i <= count; i++)
        {
            var original = i % 3 == 0 ? TweetMaker.Json(1_000_000 + i, user: 900 + (i % 50), favorites: i) : null;
            events.Append(TweetMaker.Event(TweetMaker.Json(i, user: i % 100 + 1, retweeted: original)));
            if (kills && i % 10 == 0)
            {
                events.Append(TweetMaker.Kill);
            }
        }

        return events.ToString();
    }

    private static TweetPipelineOptions Options(ScriptedServer server) => new()
    {
        Source = server.Uri,
        Streams = 1,
        StoreRetry = (TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20)),
        Batch = new AdaptiveBatchOptions { MaxAge = TimeSpan.FromMilliseconds(5) },
    };

    private static async Task StopAsync(TweetPipeline pipeline)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await pipeline.StopAsync(deadline.Token);
        Assert.False(deadline.IsCancellationRequested);
    }

    private static async Task WaitUntil(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition())
        {
            await Task.Delay(2, deadline.Token);
        }
    }

    /// <summary>A clock that cannot make timers of one length.</summary>
    private sealed class NoTimerOf(TimeSpan length) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            dueTime == length ? throw new InvalidOperationException("no timer") : base.CreateTimer(callback, state, dueTime, period);
    }
}
