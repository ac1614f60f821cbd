using System.Text;
using Rookery.Grains;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Cluster.Tests;

/// <summary>From the streams into the store, through the grains of several silos.</summary>
public sealed class PipelineTests
{
    private static readonly byte[] Kill = "{\"message\": panic}"u8.ToArray();

    [Fact]
    public async Task What_comes_in_is_scored_and_stored_though_kill_messages_crash_the_workers()
    {
        await using var cluster = await PipelineCluster.StartAsync(silos: 2);
        var texts = new[] { "what a good day", "bad, bad weather", "nothing to say", "damn good coffee" };
        for (var id = 1; id <= 600; id++)
        {
            cluster.Streams.Add(1 + (id % 2), new TestTweet(id, 1 + (id % 20), id % 50, Text: texts[id % 4]).Event);
            if (id % 10 == 0)
            {
                cluster.Streams.Add(1 + (id / 10 % 2), Kill);
            }
        }

        await cluster.UntilExactAsync(600);
        var (sentiment, crashes) = (new SentimentScorer(Lexicon.Embedded), cluster.Silos.Silos.Sum(silo => cluster.ServicesOf(silo).Desk.Stages.Sum(stage => stage.Crashes)));
        foreach (var tweet in cluster.Store.Tweets.Tweets)
        {
            Assert.Equal(sentiment.Score(tweet.Text.Span).Mean, tweet.Sentiment);
            Assert.Equal(tweet.Id % 50 / 100.0, tweet.Engagement);
            Assert.Equal(CensorScorer.Default.Censor(tweet.Text.Span) ?? [], tweet.Censored.ToArray());
        }

        Assert.Equal(60, crashes);
    }

    [Fact]
    public void Each_reader_brings_a_thread_and_takes_it_with_it()
    {
        // Other tests read streams too, a few of them.
        const int readers = 100;
        ThreadPool.GetMinThreads(out var before, out _);
        var taken = Enumerable.Range(0, readers).Select(_ => ReaderThread.Take()).ToList();
        ThreadPool.GetMinThreads(out var during, out _);
        taken.ForEach(thread => thread.Dispose());
        taken.ForEach(thread => thread.Dispose());
        ThreadPool.GetMinThreads(out var after, out _);
        Assert.InRange(during - before, readers - 20, readers + 20);
        Assert.InRange(after - before, -20, 20);
    }

    [Fact]
    public async Task Each_stream_is_read_in_one_place_and_they_are_spread()
    {
        await using var cluster = await PipelineCluster.StartAsync(silos: 2, PipelineCluster.Quick with { Streams = 4 });
        for (var stream = 1; stream <= 4; stream++)
        {
            cluster.Streams.Add(stream, new TestTweet(stream, 7).Event);
        }

        await cluster.UntilExactAsync(4);

        // The first silo had them all until the second one came.
        StreamReport[] reports = [];
        await cluster.UntilAsync(
            async () =>
            {
                reports = await Task.WhenAll(Enumerable.Range(1, 4).Select(cluster.ReportAsync));
                return reports.GroupBy(report => report.Silo).All(silo => silo.Count() == 2) && reports.All(report => report.Connected);
            },
            "two streams on each silo");
        Assert.All(Enumerable.Range(1, 4), stream => Assert.Equal(1, cluster.Streams.ReadersOf(stream)));
        Assert.All(reports, report => Assert.Null(report.Trouble));
    }

    [Fact]
    public async Task Silos_are_killed_under_load_and_no_tweet_is_lost_and_every_total_is_exact()
    {
        const int Tweets = 3000;
        await using var cluster = await PipelineCluster.StartAsync(silos: 4);
        var (random, likes) = (new Random(4), new Dictionary<long, long>());
        for (var i = 0; i < Tweets; i++)
        {
            // Every other one is there already, and comes again with other counts.
            var id = 1 + (i % 2 == 0 ? i : random.Next(i));
            likes[id] = random.Next(1000);
            cluster.Streams.Add(1 + (id % 2), new TestTweet(id, 1 + (id % 50), likes[id]).Event);
        }

        cluster.Streams.Pace = TimeSpan.FromMilliseconds(1);
        var expected = likes.Count;
        foreach (var share in new[] { 4, 2 })
        {
            await cluster.UntilAsync(() => cluster.Store.Tweets.Tweets.Count > expected / share, $"1/{share} of the tweets");
            var victim = cluster.SiloOf(1) ?? cluster.Silos.Silos[1];
            await cluster.Silos.KillSiloAsync(victim);
        }

        // The last counts of a tweet may come after the last new tweet.
        await cluster.UntilExactAsync(expected);
        await cluster.UntilAsync(() => cluster.Store.Tweets.Tweets.All(tweet => likes[tweet.Id] == tweet.Favorites), "the last counts of every tweet");
        await cluster.UntilExactAsync(expected);
    }

    [Fact]
    public async Task A_stream_goes_on_elsewhere_behind_what_is_durable()
    {
        var (store, streams, storage) = (new FaultyStore(), new FakeStreams(), new SharedStorage());
        var one = PipelineCluster.Quick with { Streams = 1 };
        streams.Add(1, Enumerable.Range(1, 100).Select(id => new TestTweet(id, 7).Event));
        await using (var cluster = await PipelineCluster.StartAsync(1, one, store, streams, storage))
        {
            await cluster.UntilExactAsync(100);
            await cluster.UntilAsync(async () => (await cluster.ReportAsync(1)).Position == "100", "the position");
        }

        streams.Add(1, Enumerable.Range(101, 50).Select(id => new TestTweet(id, 7).Event));
        await using (var cluster = await PipelineCluster.StartAsync(1, one, store, streams, storage))
        {
            await cluster.UntilExactAsync(150);
            Assert.Equal((150, "100"), (streams.Sent, streams.Begun.Last().Last));
        }
    }

    [Fact]
    public async Task A_stream_whose_reader_ended_before_anything_was_durable_is_read_from_its_beginning()
    {
        var (streams, storage, one) = (new FakeStreams(), new SharedStorage(), PipelineCluster.Quick with { Streams = 1 });
        await using (var cluster = await PipelineCluster.StartAsync(1, one, streams: streams, storage: storage))
        {
            await cluster.UntilAsync(async () => (await cluster.ReportAsync(1)).Connected, "a reader");
        }

        streams.Add(1, Enumerable.Range(1, 50).Select(id => new TestTweet(id, 7).Event));
        await using (var cluster = await PipelineCluster.StartAsync(1, one, streams: streams, storage: storage))
        {
            await cluster.UntilExactAsync(50);
        }

        Assert.All(streams.Begun, reader => Assert.Null(reader.Last));
    }

    [Fact]
    public async Task Scores_that_do_not_come_in_time_are_stored_without_and_counted()
    {
        var slow = PipelineCluster.Quick with
        {
            Streams = 1,
            Join = new JoinOptions { Timeout = TimeSpan.FromMilliseconds(300) },
            Work = new SimulatedWorkOptions { Distribution = WorkDistribution.Uniform, Min = TimeSpan.FromSeconds(0.8), Max = TimeSpan.FromSeconds(0.8) },
        };
        await using var cluster = await PipelineCluster.StartAsync(1, slow);
        cluster.Streams.Add(1, Enumerable.Range(1, 5).Select(id => new TestTweet(id, 7).Event));
        await cluster.UntilExactAsync(5);
        Assert.All(cluster.Store.Tweets.Tweets, tweet => Assert.Equal((null, null), (tweet.Sentiment, tweet.Engagement)));
        Assert.Equal(5, cluster.ServicesOf(cluster.Silos.Silos[0]).Desk.Counters.Incomplete);
    }

    [Fact]
    public async Task Pretended_work_on_a_block_that_is_longer_than_a_call_may_take_is_done_in_several_calls()
    {
        // 40 tweets, 200 ms each: 8 s, where a call ends after 5 s.
        var work = TimeSpan.FromMilliseconds(200);
        var slow = PipelineCluster.Quick with
        {
            Streams = 1,
            BlockRecords = 40,
            Linger = TimeSpan.FromSeconds(1),
            Join = new JoinOptions { Timeout = TimeSpan.FromMinutes(2) },
            Work = new SimulatedWorkOptions { Distribution = WorkDistribution.Uniform, Min = work, Max = work },
        };
        await using var cluster = await PipelineCluster.StartAsync(1, slow);
        cluster.Streams.Add(1, Enumerable.Range(1, 39).Select(id => new TestTweet(id, 7).Event).Append(Kill));
        await cluster.UntilExactAsync(39);
        Assert.All(cluster.Store.Tweets.Tweets, tweet => Assert.NotNull(tweet.Sentiment));
        var desk = cluster.ServicesOf(cluster.Silos.Silos[0]).Desk;
        Assert.Equal((0, 0), (desk.Counters.Incomplete, desk.Stages.Sum(stage => stage.Failures)));
        await cluster.UntilAsync(() => desk.Stages.Sum(stage => stage.Crashes) == 1, "the crash");
    }

    [Theory]
    [InlineData(WorkDistribution.None, 0.5, 0.03, int.MaxValue)]
    [InlineData(WorkDistribution.Normal, 0.5, 0.03, 4)]
    [InlineData(WorkDistribution.Uniform, 2, 0.03, 1)]
    [InlineData(WorkDistribution.Uniform, 0, 0.03, int.MaxValue)]
    [InlineData(WorkDistribution.Poisson, 0.5, 0.03, 66)]
    public void A_worker_gets_no_more_than_it_can_pretend_to_work_on_in_two_seconds(WorkDistribution distribution, double max, double mean, int records) =>
        Assert.Equal(records, WorkerGrain.RecordsPerCall(new SimulatedWorkOptions
        {
            Distribution = distribution,
            Min = TimeSpan.Zero,
            Max = TimeSpan.FromSeconds(max),
            Mean = TimeSpan.FromSeconds(mean),
        }));

    [Fact]
    public async Task While_the_store_is_down_streams_wait_within_bounds_and_go_on_by_themselves()
    {
        await using var cluster = await PipelineCluster.StartAsync(2, PipelineCluster.Quick with { MaxInFlight = 100 });
        cluster.Store.Before = (what, _) => what == "write tweets" ? throw new StoreUnavailableException("no primary") : Task.CompletedTask;
        for (var id = 1; id <= 2000; id++)
        {
            cluster.Streams.Add(1 + (id % 2), new TestTweet(id, 1 + (id % 30), id % 40).Event);
        }

        await cluster.UntilAsync(
            async () => await cluster.ReportAsync(1) is { Trouble: { } trouble, InFlight: > 0 } && trouble.Contains("no primary", StringComparison.Ordinal),
            "the trouble is told");
        var sent = -1L;
        await cluster.UntilAsync(() => sent == (sent = cluster.Streams.Sent) && sent > 0, "reading stops");
        Assert.InRange(sent, 1, cluster.Streams.Begun.Count * (100 + (3 * PipelineCluster.Quick.BlockRecords)));
        Assert.Empty(cluster.Store.Tweets.Tweets);

        cluster.Store.Before = null;
        await cluster.UntilExactAsync(2000);
    }

    [Fact]
    public async Task While_the_store_is_down_streams_move_to_a_silo_that_comes_and_answer_all_the_time()
    {
        await using var cluster = await PipelineCluster.StartAsync(1, PipelineCluster.Quick with { MaxInFlight = 100 });
        cluster.Store.Before = (what, _) => what == "write tweets" ? throw new StoreUnavailableException("no primary") : Task.CompletedTask;
        for (var id = 1; id <= 600; id++)
        {
            cluster.Streams.Add(1 + (id % 2), new TestTweet(id, 1 + (id % 30), id % 40).Event);
        }

        StreamReport[] reports = [];
        async Task<bool> BothAsync(Func<bool> holds)
        {
            // No call may take longer than the runtime allows it.
            reports = await Task.WhenAll(cluster.ReportAsync(1), cluster.ReportAsync(2));
            return reports.All(report => report.InFlight > 0) && holds();
        }

        await cluster.UntilAsync(() => BothAsync(() => true), "both are read");
        await cluster.Silos.StartAdditionalSiloAsync();
        await cluster.UntilAsync(() => BothAsync(() => reports[0].Silo != reports[1].Silo), "one on each silo");

        cluster.Store.Before = null;
        await cluster.UntilExactAsync(600);
    }

    [Fact]
    public async Task A_stream_that_is_closed_while_it_waits_for_room_ends_when_what_has_room_is_durable()
    {
        var (store, streams, storage) = (new FaultyStore(), new FakeStreams(), new SharedStorage());
        var one = PipelineCluster.Quick with { Streams = 1, MaxInFlight = 100, StoreTimeout = TimeSpan.FromSeconds(60) };

        // So long that a block is full of bytes before it has as many as it may: some are under way, one waits, and one has begun.
        streams.Add(1, Enumerable.Range(1, 300).Select(id => new TestTweet(id, 7, Text: new string('x', 20_000)).Event));
        using var open = new SemaphoreSlim(0);
        store.Before = (what, cancelled) => what == "write tweets" ? open.WaitAsync(cancelled) : Task.CompletedTask;
        int stored;
        await using (var cluster = await PipelineCluster.StartAsync(1, one, store, streams, storage))
        {
            var sent = -1L;
            await cluster.UntilAsync(() => sent == (sent = streams.Sent) && sent > 80, "reading stops");
            var stopped = cluster.ServicesOf(cluster.Silos.Silos[0]).StopReadingAsync(CancellationToken.None);
            await cluster.UntilAsync(() => streams.ReadersOf(1) == 0, "the reader ends");
            store.Before = null;
            open.Release(1000);
            await stopped.WaitAsync(Recorder.Deadline);
            stored = store.Tweets.Tweets.Count;
            Assert.InRange(stored, 1, (int)sent - 1);
        }

        await using (var cluster = await PipelineCluster.StartAsync(1, one, store, streams, storage))
        {
            await cluster.UntilExactAsync(300);
        }

        Assert.Equal($"{stored}", streams.Begun.Last().Last);
    }

    [Fact]
    public async Task Grain_storage_that_fails_and_does_not_answer_delays_and_loses_nothing()
    {
        await using var cluster = await PipelineCluster.StartAsync(2);
        var operations = 0;
        cluster.Cluster.Storage.Before = (_, _) => (Interlocked.Increment(ref operations) % 7) switch
        {
            3 => throw new IOException("the connection broke"),
            5 => Task.Delay(TimeSpan.FromSeconds(2)),
            _ => Task.CompletedTask,
        };
        cluster.Cluster.Storage.After = (_, _) => operations % 11 == 0 ? throw new IOException("the connection broke") : Task.CompletedTask;
        for (var id = 1; id <= 400; id++)
        {
            cluster.Streams.Add(1 + (id % 2), new TestTweet(id, 1 + (id % 30), id % 40).Event);
        }

        await cluster.UntilAsync(() => operations > 60, "operations");
        cluster.Cluster.Storage.Before = cluster.Cluster.Storage.After = null;
        await cluster.UntilExactAsync(400);
    }

    [Fact]
    public async Task An_operator_pauses_all_silos_and_resumes_them()
    {
        await using var cluster = await PipelineCluster.StartAsync(2);
        var pipeline = cluster.Grains.GetGrain<IPipelineGrain>(0);
        await pipeline.SetPausedAsync(true, CancellationToken.None);
        await cluster.UntilAsync(() => cluster.Silos.Silos.All(silo => cluster.ServicesOf(silo).Pause.IsPaused), "paused everywhere");
        cluster.Streams.Add(1, Enumerable.Range(1, 50).Select(id => new TestTweet(id, 7).Event));
        await cluster.UntilAsync(async () => cluster.Streams.Sent == 0 || (await cluster.ReportAsync(1)).Trouble is not null, "it is told");
        Assert.Empty(cluster.Store.Tweets.Tweets);
        await pipeline.SetPausedAsync(false, CancellationToken.None);
        await cluster.UntilExactAsync(50);
    }

    [Fact]
    public async Task Hashtags_and_statistics_of_all_silos_are_published_together()
    {
        await using var cluster = await PipelineCluster.StartAsync(2);
        cluster.Streams.Pace = TimeSpan.FromMilliseconds(5);
        cluster.Streams.Add(1, Enumerable.Range(1, 3000).Select(id => new TestTweet(2 * id, 7).Event));
        cluster.Streams.Add(2, Enumerable.Range(1, 3000).Select(id => new TestTweet((2 * id) + 1, 8).Event));
        foreach (var topic in new[] { "hashtags", "logger_stats", "tweets_stats", "users_stats" })
        {
            await cluster.UntilAsync(
                async () => await cluster.Cluster.Topic(topic).GetStatsAsync(CancellationToken.None) is { Stats.LastSequence: > 0 },
                $"an event of {topic}");
        }
    }

    [Fact]
    public async Task A_silo_whose_clock_is_ahead_does_not_take_the_place_of_what_the_others_count()
    {
        await using var cluster = await PipelineCluster.StartAsync();
        var summary = cluster.Grains.GetGrain<ISummaryGrain>(0);
        var (second, strange) = (DateTimeOffset.UtcNow.ToUnixTimeSeconds(), Guid.NewGuid());
        var future = Enumerable.Range(0, 60).Select(i => new HashtagPane(second + 3600 + i, 1, 0, [("late"u8.ToArray(), 1L)])).ToList();
        await summary.AddAsync(new SiloReport(strange, 1, SummaryCodec.Write(future), []));

        // Ahead by no more than clocks differ: it counts.
        var soon = new HashtagPane(second + 2, 1, 0, [("soon"u8.ToArray(), 1L)]);
        await summary.AddAsync(new SiloReport(strange, 2, SummaryCodec.Write([soon]), []));
        await cluster.UntilAsync(
            async () => await cluster.Cluster.Topic("hashtags").GetStatsAsync(CancellationToken.None) is { Stats.LastSequence: > 0 }, "an event of hashtags");
    }

    [Fact]
    public void What_silos_report_travels_as_it_is()
    {
        var (ranking, same) = (new HashtagRanking(), new HashtagRanking());
        ranking.Add("cats"u8, 5_000);
        ranking.Add("Cats"u8, 5_000);
        SummaryCodec.ReadPanes(SummaryCodec.Write(ranking.PanesAfter(0, 6_000))).ForEach(same.Merge);
        Assert.Equal(ranking.Top(6_000), same.Top(6_000));

        var (window, copy) = (new StatisticsWindow("#1"), new StatisticsWindow("#1"));
        window.Worked(TimeSpan.FromMilliseconds(3));
        window.TweetsStored(4, TimeSpan.FromMilliseconds(70));
        window.Crashed();
        var sample = SummaryCodec.Write(window.Take());
        window.Add(SummaryCodec.ReadSample(sample));
        copy.Add(SummaryCodec.ReadSample(sample));
        Assert.Equal(window.Close(), copy.Close());
    }

    [Fact]
    public async Task A_worker_that_draws_a_kill_message_says_what_it_had_done()
    {
        await using var cluster = await PipelineCluster.StartAsync();
        var block = TestTweet.Block(new TestTweet(1, 7, Text: "good").Event, new TestTweet(2, 7, Text: "bad").Event, Kill, new TestTweet(3, 7).Event);
        var worker = cluster.Grains.GetGrain<ISentimentWorkerGrain>(0);
        var crash = await Assert.ThrowsAsync<WorkerCrashedException>(
            () => worker.ScoreAsync(new ScoreRequest(ScoreCodec.Write(block, 0, block.Count, Stages.Sentiment, 0, 1)!), CancellationToken.None));
        Assert.Equal(2, crash.Done);
        Assert.Equal(2, ScoreCodec.Take(block, 0, 2, Stages.Sentiment, crash.Scores));
        var reply = await worker.ScoreAsync(new ScoreRequest(ScoreCodec.Write(block, 3, block.Count, Stages.Sentiment, 0, 1)!), CancellationToken.None);
        Assert.Equal(4, ScoreCodec.Take(block, 3, 1, Stages.Sentiment, reply.Scores));
        var scorer = new SentimentScorer(Lexicon.Embedded);
        Assert.All(new[] { 0, 1, 3 }, i => Assert.Equal(scorer.Score(block.Utf8(block[i].Text)).Mean, block[i].Sentiment));
        Assert.Equal("good", Encoding.UTF8.GetString(block.Utf8(block[0].Text)));
    }
}
