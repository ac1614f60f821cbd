using Rookery.Feed;
using Rookery.Silo;

namespace Rookery.Cluster.Tests;

/// <summary>Streams of events through LaunchDarkly.EventSource, from servers that do all kinds of things.</summary>
public sealed class LaunchDarklyStreamTests
{
    private const string Event = "event: \"message\"\n\ndata: {\"message\": 1}\n\n";

    private static readonly EventStreamOptions Quick = new()
    {
        BackOff = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(50)),
        GoodAfter = TimeSpan.Zero,
    };

    [Fact]
    public async Task The_feed_is_read_through_ends_and_a_restart_with_its_kill_messages()
    {
        var options = new FeedOptions { Port = 0, Seed = 7, Rate = FeedRate.Unlimited, TweetsPerConnection = 500 };
        var server = new TweetServer(options);
        await server.StartAsync();
        var sink = new StreamSink();
        await using var reading = Read(new Uri(server.Address, "tweets/1"), sink, Quick);
        await sink.UntilAsync(() => sink.Events.Count > 1200, "the feed did not come");
        await server.DisposeAsync();
        await sink.UntilAsync(() => sink.Reasons.Any(one => one.Contains("cannot be reached", StringComparison.Ordinal)), "its end was not told");
        var before = sink.Events.Count;
        await using var again = new TweetServer(options with { Port = server.Address.Port });
        await again.StartAsync();
        await sink.UntilAsync(() => sink.Events.Count > before + 1200, "the feed did not come again");
        Assert.Contains("{\"message\": panic}", sink.Events);
        Assert.All(sink.Events, one => Assert.StartsWith("{\"message\": ", one, StringComparison.Ordinal));
        Assert.Contains(sink.Reasons, one => one.EndsWith("ended the stream", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_goes_wrong_is_told_in_words_and_the_stream_is_read_once_it_is_well()
    {
        await using var server = new ScriptedServer(
            ScriptedServer.Resetting,
            ScriptedServer.Answer("500 Sorry", "text/plain", "sorry"),
            ScriptedServer.Answer("200 OK", "text/html", "<html></html>"),
            ScriptedServer.Redirecting("http://127.0.0.1:1/"),
            ScriptedServer.Breaking(Event),
            ScriptedServer.Stalling(Event));
        var sink = new StreamSink();
        await using var reading = Read(server.Uri, sink, Quick);
        await sink.UntilAsync(() => sink.Events.Count == 2, "the stream was not read");
        string[] expected = ["cannot be reached", "answered 500", "something else than text/event-stream", "answered 302", "broke"];
        Assert.Equal(expected.Length, sink.Reasons.Count);
        Assert.All(sink.Reasons.Zip(expected), two => Assert.Contains(two.Second, two.First, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_that_stalls_is_given_up_and_read_again()
    {
        await using var server = new ScriptedServer(ScriptedServer.Stalling(Event), ScriptedServer.Stalling(Event));
        var sink = new StreamSink();
        await using var reading = Read(server.Uri, sink, Quick with { StallTimeout = TimeSpan.FromMilliseconds(300) });
        await sink.UntilAsync(() => sink.Events.Count >= 2, "it was not read again");
        Assert.Contains("brought no byte for 0.3 s", sink.Reasons.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_goes_on_from_the_last_event_id()
    {
        await using var server = new ScriptedServer(
            ScriptedServer.Stream("id: 42\ndata: a\n\n"), ScriptedServer.Stalling("data: b\n\n"));
        var sink = new StreamSink();
        await using var reading = Read(server.Uri, sink, Quick, lastEventId: "17");
        await sink.UntilAsync(() => sink.Events.Count == 2, "it was not read again");
        var requests = server.Requests.ToArray();
        Assert.Contains("Last-Event-ID: 17\r\n", requests[0], StringComparison.Ordinal);
        Assert.Contains("Last-Event-ID: 42\r\n", requests[1], StringComparison.Ordinal);
        Assert.Equal(["42", "42"], sink.Ids);
    }

    [Fact]
    public async Task A_sink_that_does_not_come_back_holds_up_the_server_and_nothing_is_lost()
    {
        await using var server = new TweetServer(new FeedOptions { Port = 0, Seed = 7, Rate = FeedRate.Unlimited, PanicProbability = 0 });
        await server.StartAsync();
        using var open = new ManualResetEventSlim();
        var sink = new StreamSink { Wait = open };
        await using var reading = Read(new Uri(server.Address, "tweets/1"), sink, Quick);
        await sink.UntilAsync(() => sink.IsWaiting, "the stream was not read");

        // Sent is what buffers on the way hold, and then no more.
        long sent;
        do
        {
            sent = server.TweetsSent;
            await Task.Delay(500);
        }
        while (server.TweetsSent != sent);
        open.Set();
        await sink.UntilAsync(() => sink.Events.Count > sent, "it was not read on");
        Assert.Empty(sink.Reasons);
    }

    [Fact]
    public async Task Of_an_event_that_is_too_long_the_rest_is_passed_over_and_the_stream_goes_on()
    {
        await using var server = new ScriptedServer(ScriptedServer.Stalling($"data: {new string('x', 30_000)}\n\n{Event}"));
        var sink = new StreamSink();
        await using var reading = Read(server.Uri, sink, Quick with { MaxEventBytes = 2000 });
        await sink.UntilAsync(() => sink.Events.Count == 2, "it was not read on");
        Assert.Equal([new string('x', 2000 - 6), "{\"message\": 1}"], sink.Events);
        Assert.Empty(sink.Reasons);
    }

    [Fact]
    public async Task Nothing_comes_once_it_is_cancelled()
    {
        await using var server = new TweetServer(new FeedOptions { Port = 0, Seed = 7, Rate = FeedRate.Unlimited });
        await server.StartAsync();
        var sink = new StreamSink();
        var reading = Read(new Uri(server.Address, "tweets/1"), sink, Quick);
        await sink.UntilAsync(() => sink.Events.Count > 100, "the stream was not read");
        await reading.DisposeAsync();
        var count = sink.Events.Count;

        // The server goes on meanwhile, as another reader sees.
        var other = new StreamSink();
        await using var going = Read(new Uri(server.Address, "tweets/1"), other, Quick);
        await other.UntilAsync(() => other.Events.Count > 100, "the server did not go on");
        Assert.Equal(count, sink.Events.Count);
        Assert.Empty(sink.Reasons);
    }

    private static Reading Read(Uri stream, StreamSink sink, EventStreamOptions options, string? lastEventId = null) =>
        new(new LaunchDarklyEventStream(options), stream, lastEventId, sink);

    private sealed class Reading : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _run;

        public Reading(LaunchDarklyEventStream reader, Uri stream, string? lastEventId, StreamSink sink) =>
            _run = reader.RunAsync(stream, lastEventId, sink, _stop.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _run.WaitAsync(Recorder.Deadline));
            _stop.Dispose();
        }
    }
}
