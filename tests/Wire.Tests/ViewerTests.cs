using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Rookery.Broker;
using Rookery.Conformance;

namespace Rookery.Wire.Tests;

public sealed class ViewerTests
{
    private const string Greeting = "Type `twitter` to start processing SSE (from Twitter API)";

    [Theory]
    [InlineData("twitter\n")]
    [InlineData("twitter\r\n")]
    public async Task Twitter_shows_each_tweet_on_one_line_until_stop(string command)
    {
        var source = new Source();
        await using var server = await StartAsync(source);
        await using var viewer = await LineClient.OpenAsync(server.EndPoint);
        await viewer.ExpectAsync(Greeting);
        await viewer.SendBytesAsync(Encoding.ASCII.GetBytes(command));
        await viewer.ExpectAsync("[Command] run :twitter");
        source.Tweets.Writer.TryWrite(new ViewedTweet(7, "one\r\n\ttwo\u001b[31m \u2028 🐦", 0));
        await viewer.ExpectAsync("tweet: worker-7 one\\r\\n\\x09two\\x1b[31m \\u2028 🐦");
        source.Tweets.Writer.TryWrite(new ViewedTweet(8, "three", 12));
        await viewer.ExpectAsync("skipped: 12 tweets, this viewer is too slow", "tweet: worker-8 three");
        await viewer.AskAsync("stop", "[Command] run :stop");
        Assert.Equal(0, source.Watching);
        source.Tweets.Writer.TryWrite(new ViewedTweet(9, "four", 0));
        await viewer.AskAsync("nonsense", "[Command] run :other");
        await viewer.AskAsync("twitter", "[Command] run :twitter");
        await viewer.ExpectAsync("tweet: worker-9 four");
    }

    [Fact]
    public async Task Anything_else_is_other_and_twitter_twice_is_one_watch()
    {
        var source = new Source();
        await using var server = await StartAsync(source);
        await using var viewer = await LineClient.OpenAsync(server.EndPoint);
        await viewer.ExpectAsync(Greeting);
        await viewer.SendAsync("", "Twitter", "twitter ", "twitter", "twitter");
        await viewer.ExpectAsync(
            "[Command] run :other", "[Command] run :other", "[Command] run :other", "[Command] run :twitter", "[Command] run :twitter");
        source.Tweets.Writer.TryWrite(new ViewedTweet(1, "one", 0));
        await viewer.ExpectAsync("tweet: worker-1 one");
        Assert.Equal(1, source.Watching);
    }

    [Fact]
    public async Task Whoever_stops_it_late_finds_it_stopped()
    {
        var server = await StartAsync(new Source());
        await server.DisposeAsync();
        await server.StopAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task One_viewer_too_many_is_told_and_another_may_come_when_one_has_left()
    {
        await using var server = new ViewerServer(new Source(), new ViewerOptions { Port = 0, MaxViewers = 1 });
        await server.StartAsync();
        await using (var first = await LineClient.OpenAsync(server.EndPoint))
        {
            await first.ExpectAsync(Greeting);
            await using var second = await LineClient.OpenAsync(server.EndPoint);
            Assert.Equal(["error: too many connections: at most 1 are allowed"], await second.ReadToEndAsync());
            await first.AskAsync("twitter", "[Command] run :twitter");
        }

        await ServedBroker.EventuallyAsync(() => server.Viewers == 0, "they are gone");
        await using var third = await LineClient.OpenAsync(server.EndPoint);
        await third.ExpectAsync(Greeting);
    }

    [Fact]
    public async Task A_closed_viewer_watches_no_more_and_a_stopped_server_closes()
    {
        var source = new Source();
        var server = await StartAsync(source);
        await using var viewer = await LineClient.OpenAsync(server.EndPoint);
        await viewer.ExpectAsync(Greeting);
        await viewer.AskAsync("twitter", "[Command] run :twitter");
        await ServedBroker.EventuallyAsync(() => source.Watching == 1, "it watches");
        await viewer.DisposeAsync();
        await ServedBroker.EventuallyAsync(() => source.Watching == 0 && server.Viewers == 0, "it watches no more");
        await using var other = await LineClient.OpenAsync(server.EndPoint);
        await other.ExpectAsync(Greeting);
        await server.DisposeAsync();
        await ServedBroker.EventuallyAsync(() => server.Viewers == 0, "it is closed");
    }

    [Fact]
    public async Task A_published_text_that_is_no_Unicode_is_shown_and_harms_no_viewer()
    {
        await using var served = await ServedBroker.StartAsync();
        await using var server = await StartAsync(new TopicViewers(served.Broker, TopicName.Parse("tweets"), TimeProvider.System));
        await using var viewer = await LineClient.OpenAsync(server.EndPoint);
        await viewer.ExpectAsync(Greeting);
        await viewer.AskAsync("twitter", "[Command] run :twitter");
        await ServedBroker.EventuallyAsync(() => served.Broker.SessionCount == 1, "it is subscribed");
        var publisher = await served.ConnectAsync("""{"confirm":true}""");
        string[] messages =
        [
            """{"text":"\ud800"}""", """{"\ud800":1,"text":"a \udc00 \"b\" \ud83d\udc26"}""", """{"text":"x","censored":"\ud83d!"}""", """["\ud800"]""", """{"text":"last"}""",
        ];
        foreach (var message in messages)
        {
            await publisher.SendAsync($$"""pub tweets {"id":"1","msg":{{message}}}""");
        }

        await viewer.ExpectAsync("tweet: \ufffd", "tweet: a \ufffd \"b\" 🐦", "tweet: \ufffd!", "tweet: last");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\ntwitter\n")]
    public async Task A_line_that_is_too_long_closes(string end)
    {
        await using var server = await StartAsync(new Source());
        await using var viewer = await LineClient.OpenAsync(server.EndPoint);
        await viewer.ExpectAsync(Greeting);
        await viewer.SendBytesAsync((byte[])[.. new byte[Viewer.MaxLineBytes + 1], .. Encoding.ASCII.GetBytes(end)]);
        Assert.Equal(["error: line too long: at most 1024 bytes are allowed; closing"], await viewer.ReadToEndAsync());
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task The_end_of_a_line_does_not_count_for_its_length(string end)
    {
        await using var server = await StartAsync(new Source());
        await using var viewer = await LineClient.OpenAsync(server.EndPoint);
        await viewer.ExpectAsync(Greeting);
        var longest = new string('x', Viewer.MaxLineBytes);
        await viewer.SendBytesAsync(Encoding.ASCII.GetBytes(longest + end));
        await viewer.ExpectAsync("[Command] run :other");
    }

    private static async Task<ViewerServer> StartAsync(IViewerSource source)
    {
        var server = new ViewerServer(source, new ViewerOptions { Port = 0 });
        await server.StartAsync();
        return server;
    }

    private sealed class Source : IViewerSource
    {
        private int _watching;

        public Channel<ViewedTweet> Tweets { get; } = Channel.CreateUnbounded<ViewedTweet>();

        public int Watching => Volatile.Read(ref _watching);

        public async IAsyncEnumerable<ViewedTweet> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _watching);
            try
            {
                await foreach (var tweet in Tweets.Reader.ReadAllAsync(cancellationToken))
                {
                    yield return tweet;
                }
            }
            finally
            {
                Interlocked.Decrement(ref _watching);
            }
        }
    }
}
