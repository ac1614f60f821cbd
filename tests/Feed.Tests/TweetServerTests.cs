using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Rookery.Feed.Tests;

public sealed class TweetServerTests : IDisposable
{
    private static readonly FeedOptions Ending = new() { Port = 0, Seed = 77, Rate = FeedRate.Unlimited, TweetsPerConnection = 50 };

    private readonly HttpClient _http = new() { Timeout = Streams.Deadline };

    public void Dispose()
    {
        _http.Dispose();
    }

    [Fact]
    public async Task The_first_page_names_the_routes_and_the_exercise()
    {
        await using var server = await Started(Ending with { Streams = 3 });

        using var page = JsonDocument.Parse(await _http.GetStringAsync(server.Address));

        Assert.Equal(["routes", "lab_description", "general_description"], page.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal(
            ["/tweets/1", "/tweets/2", "/tweets/3", "/emotion_values", "/"],
            page.RootElement.GetProperty("routes").EnumerateArray().Select(route => route.GetString()));
        Assert.Contains("panic", page.RootElement.GetProperty("lab_description").GetString(), StringComparison.Ordinal);
        Assert.Contains(
            "Sum(word_em_score) / Nr. of words in a tweet", page.RootElement.GetProperty("general_description").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lexicon_is_served_in_lines_without_a_last_line_end()
    {
        await using var server = await Started(Ending);

        var bytes = await _http.GetByteArrayAsync(new Uri(server.Address, "/emotion_values"));

        var text = Encoding.UTF8.GetString(bytes);
        Assert.Equal(EmotionValues.Bytes.ToArray(), bytes);
        Assert.NotEqual('\n', text[^1]);
        Assert.Equal(text.Count(c => c == '\n'), text.Split("\r\n").Length - 1);
        Assert.Contains("can't stand\t-", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tweets/1")]
    [InlineData("tweets/2")]
    public async Task A_stream_is_an_event_stream_of_tweets(string route)
    {
        await using var server = await Started(Ending);

        using var response = await _http.GetAsync(new Uri(server.Address, route));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Headers.TransferEncodingChunked);
        var events = Streams.Events(await response.Content.ReadAsStringAsync());
        var tweets = events.Where(data => data != "{\"message\": panic}").Select(Streams.Tweet).ToList();
        Assert.Equal(50, tweets.Count);
        Assert.Equal(50, server.TweetsSent);
        Assert.Equal(events.Length - 50, server.PanicsSent);
    }

    [Theory]
    [InlineData("tweets/0")]
    [InlineData("tweets/3")]
    [InlineData("tweets/01")]
    [InlineData("tweets/+1")]
    [InlineData("tweets/one")]
    [InlineData("tweets/")]
    [InlineData("tweets")]
    [InlineData("tweets/1/")]
    [InlineData("tweets/99999999999999999999")]
    [InlineData("iot")]
    [InlineData("Tweets/1")]
    public async Task Any_other_route_is_not_found(string route)
    {
        await using var server = await Started(Ending);

        using var response = await _http.GetAsync(new Uri(server.Address, route));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Routes_answer_to_nothing_but_GET()
    {
        await using var server = await Started(Ending);

        using var response = await _http.PostAsync(new Uri(server.Address, "tweets/1"), new StringContent("{}"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["GET"], response.Content.Headers.Allow);

        using var nowhere = await _http.PostAsync(new Uri(server.Address, "tweets/0"), new StringContent("{}"));

        Assert.Equal(HttpStatusCode.NotFound, nowhere.StatusCode);
    }

    [Fact]
    public async Task A_paced_stream_sends_each_event_as_one_chunk()
    {
        await using var server = await Started(Ending with { Rate = FeedRate.Fixed(2_000), TweetsPerConnection = 40, PanicProbability = 0.2 });
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync("GET /tweets/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray());

        using var reader = new StreamReader(stream, Encoding.Latin1);
        var response = await reader.ReadToEndAsync().WaitAsync(Streams.Deadline);

        var chunks = Chunks(response[(response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
        Assert.Equal(40, chunks.Count(chunk => !chunk.Contains("panic}", StringComparison.Ordinal)));
        Assert.All(chunks, chunk => Assert.Single(Streams.Events(chunk)));
    }

    [Fact]
    public async Task A_reader_who_comes_back_after_the_end_reads_on()
    {
        await using var server = await Started(Ending with { PanicProbability = 0 });
        var route = new Uri(server.Address, "tweets/1");

        var read = Streams.Events(await _http.GetStringAsync(route) + await _http.GetStringAsync(route) + await _http.GetStringAsync(route));

        Assert.Equal(
            Streams.Sequence(seed: 77).Tweets(150).Select(tweet => tweet.GetRawText()),
            read.Select(data => Streams.Tweet(data).GetRawText()));
    }

    [Fact]
    public async Task Two_servers_with_the_same_seed_and_clock_send_the_same_bytes()
    {
        var options = Ending with { Rate = FeedRate.Bursts, TweetsPerConnection = 300 };
        await using var one = await Started(options, new InstantTimeProvider());
        await using var other = await Started(options, new InstantTimeProvider());

        Assert.Equal(
            await _http.GetStringAsync(new Uri(one.Address, "tweets/2")),
            await _http.GetStringAsync(new Uri(other.Address, "tweets/2")));
    }

    [Fact]
    public async Task A_reader_too_many_is_told_so_and_may_come_when_another_has_left()
    {
        await using var server = await Started(Ending with { MaxReaders = 1, TweetsPerConnection = 10_000 });
        var route = new Uri(server.Address, "tweets/1");

        using (var first = await _http.GetAsync(route, HttpCompletionOption.ResponseHeadersRead))
        {
            using var second = await _http.GetAsync(route);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
            Assert.Equal("too many readers: MaxReaders is 1", await second.Content.ReadAsStringAsync());
            Assert.NotEmpty(await first.Content.ReadAsStringAsync());
        }

        // The place is free a moment after the last byte.
        using var deadline = new CancellationTokenSource(Streams.Deadline);
        while (true)
        {
            using var third = await _http.GetAsync(route, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            if (third.StatusCode == HttpStatusCode.OK)
            {
                return;
            }
        }
    }

    [Fact]
    public async Task A_reader_who_does_not_read_is_not_written_ahead_for()
    {
        await using var server = await Started(Ending with { TweetsPerConnection = 20_000, PanicProbability = 0 });
        using var idle = new TcpClient { ReceiveBufferSize = 65_536 };
        await idle.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        await idle.GetStream().WriteAsync("GET /tweets/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        Assert.Equal(1, await idle.GetStream().ReadAsync(new byte[1]));

        // While one waits, another is sent its whole stream: time enough to write as much for the first.
        using var busy = await _http.GetStreamAsync(new Uri(server.Address, "tweets/2"));
        await busy.CopyToAsync(Stream.Null).WaitAsync(Streams.Deadline);

        // What the system's buffers take (up to 4 MB by default) and the server's own bound, in tweets of 2 KB or more.
        Assert.InRange(server.TweetsSent - 20_000, 1, 6_000);
    }

    [Fact]
    public async Task A_port_in_use_is_said_with_host_and_port()
    {
        await using var first = await Started(Ending);
        await using var second = new TweetServer(Ending with { Port = first.Address.Port });

        var refused = await Assert.ThrowsAsync<IOException>(() => second.StartAsync());

        Assert.Equal($"The tweet server cannot listen on 127.0.0.1:{first.Address.Port}: the port is in use.", refused.Message);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_said_with_host_and_port()
    {
        // 192.0.2.0/24 is set aside for documentation (RFC 5737): no machine has it.
        await using var server = new TweetServer(Ending with { Host = "192.0.2.1" });

        var refused = await Assert.ThrowsAsync<IOException>(() => server.StartAsync());

        Assert.StartsWith("The tweet server cannot listen on 192.0.2.1:0: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listening_on_every_address_gives_one_that_can_be_connected_to()
    {
        await using var server = await Started(Ending with { Host = "*" });

        Assert.Equal("127.0.0.1", server.Address.Host);
        Assert.NotEmpty(await _http.GetStringAsync(server.Address));
    }

    [Fact]
    public async Task Stopping_ends_the_streams_of_connected_readers()
    {
        await using var server = await Started(Ending with { TweetsPerConnection = null, Rate = FeedRate.Fixed(200) });
        using var response = await _http.GetAsync(new Uri(server.Address, "tweets/1"), HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        await reader.ReadLineAsync().WaitAsync(Streams.Deadline);

        await server.StopAsync().WaitAsync(Streams.Deadline);

        Assert.EndsWith("\n", await reader.ReadToEndAsync().WaitAsync(Streams.Deadline), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_a_reader_who_does_not_read()
    {
        await using var server = await Started(Ending with { TweetsPerConnection = null });
        using var response = await _http.GetAsync(new Uri(server.Address, "tweets/1"), HttpCompletionOption.ResponseHeadersRead);

        await server.StopAsync().WaitAsync(Streams.Deadline);
    }

    [Fact]
    public async Task A_server_never_started_has_no_address_and_can_be_disposed()
    {
        var server = new TweetServer(Ending);

        Assert.Throws<InvalidOperationException>(() => server.Address);
        await server.DisposeAsync();
        await server.DisposeAsync();
    }

    private static async Task<TweetServer> Started(FeedOptions options, TimeProvider? time = null)
    {
        var server = new TweetServer(options, time);
        await server.StartAsync();
        return server;
    }

    private static List<string> Chunks(string body)
    {
        var chunks = new List<string>();
        while (true)
        {
            var line = body.IndexOf("\r\n", StringComparison.Ordinal);
            var length = Convert.ToInt32(body[..line], 16);
            if (length == 0)
            {
                return chunks;
            }

            chunks.Add(body.Substring(line + 2, length));
            Assert.Equal("\r\n", body.Substring(line + 2 + length, 2));
            body = body[(line + 2 + length + 2)..];
        }
    }
}
