using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Tweets;

namespace Rookery.Local.Tests;

public sealed class TweetStreamTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TweetBlockPool _pool = new();
    private readonly SequenceSource _sequences = new();
    private readonly ConcurrentQueue<long> _ids = [];

    private TweetStreamOptions Options { get; set; } = new()
    {
        MinBackOff = TimeSpan.FromMilliseconds(1),
        MaxBackOff = TimeSpan.FromMilliseconds(20),
        Linger = TimeSpan.Zero,
    };

    [Fact]
    public async Task A_stream_that_ends_is_read_again_and_no_tweet_is_lost()
    {
        await using var server = new ScriptedServer(
            ScriptedServer.Stream(TweetMaker.Events(1, 30)),
            ScriptedServer.Stream(TweetMaker.Events(31, 30)),
            ScriptedServer.Stalling(TweetMaker.Events(61, 1)));
        var status = await ReadUntil(server.Uri, s => _ids.Count == 61);
        Assert.Equal(Enumerable.Range(1, 61).Select(i => (long)i), _ids);
        Assert.Equal(2, status.Ends[StreamEnd.Ended]);
        Assert.Equal(2, status.Reconnects);
        Assert.Equal(0, _pool.BlocksInUse);
    }

    [Fact]
    public async Task It_goes_on_from_the_last_event_id()
    {
        await using var server = new ScriptedServer(
            ScriptedServer.Stream("id: 42\n" + TweetMaker.Event(TweetMaker.Json(1)).Split("\n\n", 2)[1]),
            ScriptedServer.Stalling(TweetMaker.Events(2, 1)));
        await ReadUntil(server.Uri, _ => _ids.Count == 2);
        var requests = server.Requests.ToArray();
        Assert.DoesNotContain("Last-Event-ID", requests[0], StringComparison.Ordinal);
        Assert.Contains("Last-Event-ID: 42\r\n", requests[1], StringComparison.Ordinal);
        Assert.Contains("Accept: text/event-stream", requests[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_an_event_at_the_end_is_counted_and_dropped()
    {
        var half = TweetMaker.Event(TweetMaker.Json(2))[..100];
        await using var server = new ScriptedServer(
            ScriptedServer.Stream(TweetMaker.Events(1, 1) + half), ScriptedServer.Stalling(TweetMaker.Events(3, 1)));
        var status = await ReadUntil(server.Uri, _ => _ids.Count == 2);
        Assert.Equal([1L, 3L], _ids);
        Assert.Equal(1, status.Read.Unfinished);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_named_and_tried_again()
    {
        await using var server = new ScriptedServer(
            ScriptedServer.Breaking(TweetMaker.Events(1, 1)), ScriptedServer.Stalling(TweetMaker.Events(2, 1)));
        var status = await ReadUntil(server.Uri, _ => _ids.Count == 2);
        Assert.Equal(1, status.Ends[StreamEnd.Broken]);
        Assert.Contains("broke", status.LastEnd, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reset_before_the_answer_is_named_and_tried_again()
    {
        await using var server = new ScriptedServer(
            ScriptedServer.Resetting, ScriptedServer.Resetting, ScriptedServer.Stalling(TweetMaker.Events(1, 1)));
        var status = await ReadUntil(server.Uri, _ => _ids.Count == 1);
        Assert.Equal(2, status.Ends[StreamEnd.Refused]);
        Assert.Contains("cannot be reached", status.LastEnd, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var server = new ScriptedServer(
            ScriptedServer.Redirecting("/tweets/1"), ScriptedServer.Stalling(TweetMaker.Events(1, 1)));
        var status = await ReadUntil(server.Uri, _ => _ids.Count == 1);
        Assert.Equal(1, status.Ends[StreamEnd.Status]);
        Assert.Contains("302", status.LastEnd, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_of_rubbish_says_so_for_a_while()
    {
        var time = new ManualTimeProvider();
        await using var server = new ScriptedServer(
            ScriptedServer.Stalling(string.Concat(Enumerable.Repeat("data: {\"message\": rubbish\n\n", 1234)) + TweetMaker.Events(1, 1)));
        var stream = Make(server.Uri, time);
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => stream.RunAsync(stop.Token));
        await WaitUntil(() => _ids.Count == 1);
        Assert.Equal("1,234 messages rejected (BrokenJson)", stream.Status.Rejecting);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Null(stream.Status.Rejecting);
        await stop.CancelAsync();
        await run.WaitAsync(Deadline);
    }

    [Fact]
    public async Task A_message_without_an_end_is_named()
    {
        var endless = string.Concat(Enumerable.Repeat(new string('x', 100_000), 50));
        await using var server = new ScriptedServer(ScriptedServer.Stalling("data: " + endless));
        var status = await ReadUntil(server.Uri, s => s.Rejecting is not null);
        Assert.Equal("1 message rejected (TooLong)", status.Rejecting);
    }

    [Fact]
    public async Task A_fault_nobody_foresaw_is_counted_and_the_stream_goes_on()
    {
        await using var server = new ScriptedServer(
            ScriptedServer.Stalling(TweetMaker.Events(1, 1)), ScriptedServer.Stalling(TweetMaker.Events(2, 1)));
        var stream = Make(server.Uri, ready: _ => _ids.Count == 1 ? throw new InvalidOperationException("out of luck") : default);
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => stream.RunAsync(stop.Token));
        await WaitUntil(() => _ids.Count == 2);
        await stop.CancelAsync();
        await run.WaitAsync(Deadline);
        Assert.Equal(1, stream.Status.Ends[StreamEnd.Failed]);
        Assert.Contains("out of luck", stream.Status.LastEnd, StringComparison.Ordinal);
        Assert.Equal(0, _pool.BlocksInUse);
    }

    [Theory]
    [InlineData("500 Internal Server Error", "text/plain", StreamEnd.Status, "500")]
    [InlineData("200 OK", "text/html", StreamEnd.ContentType, "text/html")]
    public async Task An_answer_that_is_no_stream_is_named_and_tried_again(string status, string type, StreamEnd end, string named)
    {
        await using var server = new ScriptedServer(
            ScriptedServer.Answer(status, type, "<html>sorry</html>"), ScriptedServer.Stalling(TweetMaker.Events(1, 1)));
        var figures = await ReadUntil(server.Uri, _ => _ids.Count == 1);
        Assert.Equal(1, figures.Ends[end]);
        Assert.Contains(named, figures.LastEnd, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named_and_tried_again()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var uri = new Uri($"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}/");
        taken.Stop();
        var status = await ReadUntil(uri, s => s.Reconnects >= 2);
        Assert.True(status.Ends[StreamEnd.Refused] >= 2);
        Assert.Contains("cannot be reached", status.LastEnd, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_stalls_is_given_up_and_tried_again()
    {
        // The clock runs on while it connects again, which must not be taken for a server that does not answer.
        Options = Options with { ConnectTimeout = TimeSpan.FromDays(1) };
        var time = new ManualTimeProvider();
        await using var server = new ScriptedServer(
            ScriptedServer.Stalling(TweetMaker.Events(1, 1)), ScriptedServer.Stalling(TweetMaker.Events(2, 1)));
        var status = await ReadUntil(
            server.Uri,
            s =>
            {
                if (_ids.Count == 1)
                {
                    time.Advance(TimeSpan.FromSeconds(5));
                }

                return _ids.Count == 2;
            },
            time);
        Assert.Equal(1, status.Ends[StreamEnd.Stalled]);
        Assert.Contains("no byte for 30 s", status.LastEnd, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_for_the_pipeline_is_no_stall()
    {
        var time = new ManualTimeProvider();
        await using var server = new ScriptedServer(ScriptedServer.Stalling(TweetMaker.Events(1, 1)));
        var open = new TaskCompletionSource();
        var stream = Make(server.Uri, time, _ => new ValueTask(open.Task));
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => stream.RunAsync(stop.Token));
        await WaitUntil(() => _ids.Count == 1);
        for (var i = 0; i < 20; i++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Empty(stream.Status.Ends);
        Assert.True(stream.Status.Connected);
        open.SetResult();
        await stop.CancelAsync();
        await run.WaitAsync(Deadline);
    }

    [Fact]
    public async Task The_server_says_how_long_to_wait_at_least()
    {
        var time = new ManualTimeProvider();
        Options = Options with { MaxBackOff = TimeSpan.FromMinutes(1) };
        await using var server = new ScriptedServer(
            ScriptedServer.Stream("retry: 7000\n\n" + TweetMaker.Events(1, 1)), ScriptedServer.Stalling(TweetMaker.Events(2, 1)));
        var stream = Make(server.Uri, time);
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => stream.RunAsync(stop.Token));
        await WaitUntil(() => stream.Status.Ends.ContainsKey(StreamEnd.Ended) && time.IsDueWithin(TimeSpan.FromMinutes(1)));
        Assert.False(time.IsDueWithin(TimeSpan.FromMilliseconds(6999)));
        time.Advance(TimeSpan.FromMilliseconds(7001));
        await WaitUntil(() => _ids.Count == 2);
        await stop.CancelAsync();
        await run.WaitAsync(Deadline);
    }

    [Fact]
    public void Back_off_doubles_with_jitter_up_to_the_most_and_begins_again()
    {
        var backOff = new BackOff(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(1000), new Random(5));
        foreach (var full in new[] { 100, 200, 400, 800, 1000, 1000 })
        {
            Assert.InRange(backOff.Next().TotalMilliseconds, full / 2, full);
        }

        backOff.Reset();
        Assert.InRange(backOff.Next().TotalMilliseconds, 50, 100);
        Assert.InRange(backOff.Next(TimeSpan.FromMilliseconds(300)).TotalMilliseconds, 300, 600);
    }

    [Fact]
    public async Task The_words_come_from_the_server_where_it_serves_them()
    {
        await using var server = new ScriptedServer(ScriptedServer.Answer("200 OK", "text/plain", "good\t3\r\nnot good\t-2\r\nnonsense"));
        using var source = new LexiconSource(server.Uri, Deadline, NullLogger.Instance);
        var lexicon = await source.FetchAsync(CancellationToken.None);
        Assert.Equal((2, 1), (lexicon!.Count, lexicon.BadLines));
    }

    [Theory]
    [InlineData("404 Not Found", "good\t3")]
    [InlineData("200 OK", "<html>no words here</html>")]
    public async Task A_server_without_words_leaves_those_there_are(string status, string body)
    {
        await using var server = new ScriptedServer(ScriptedServer.Answer(status, "text/plain", body));
        using var source = new LexiconSource(server.Uri, Deadline, NullLogger.Instance);
        Assert.Null(await source.FetchAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_leaves_the_words_there_are()
    {
        await using var server = new ScriptedServer((_, cancel) => Task.Delay(Timeout.Infinite, cancel));
        using var source = new LexiconSource(server.Uri, TimeSpan.FromMilliseconds(50), NullLogger.Instance);
        Assert.Null(await source.FetchAsync(CancellationToken.None));
    }

    private TweetStream Make(Uri server, TimeProvider? time = null, Func<CancellationToken, ValueTask>? ready = null) => new(
        new Uri(server, "/tweets/1"), 1, Options, new TweetStreamReader(_sequences), _pool, Take, ready ?? (_ => default),
        time ?? TimeProvider.System, NullLogger.Instance);

    private ValueTask Take(TweetBlock block)
    {
        foreach (ref readonly var record in block.Records)
        {
            _ids.Enqueue(record.Id);
        }

        block.Release();
        return default;
    }

    private async Task<TweetStreamStatus> ReadUntil(Uri server, Func<TweetStreamStatus, bool> condition, ManualTimeProvider? time = null)
    {
        var stream = Make(server, time);
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => stream.RunAsync(stop.Token));
        await WaitUntil(() => condition(stream.Status));
        await stop.CancelAsync();
        await run.WaitAsync(Deadline);
        return stream.Status;
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
