using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Rookery.BrokerGateway;
using Rookery.Conformance;

namespace Rookery.Cluster.Tests;

/// <summary>What a gateway serves beside the line protocol: the broker over HTTP, metrics, health, and tweets to look at.</summary>
public sealed class GatewayHttpTests : IAsyncLifetime
{
    private readonly Programs _programs = new();
    private readonly HttpClient _http = new() { Timeout = Recorder.Deadline };
    private WebApplication _silo = null!;
    private WebApplication _gateway = null!;

    public async Task InitializeAsync()
    {
        _silo = await _programs.StartSiloAsync();
        _gateway = await _programs.StartGatewayAsync("--viewer-port", "0");
        _http.BaseAddress = Programs.HttpOf(_gateway);
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _programs.DisposeAsync();
    }

    [Fact]
    public async Task Events_are_published_received_and_acknowledged_over_HTTP_on_the_port_of_metrics_and_health()
    {
        var published = await PublishAsync("news", new { id = "1", msg = "hello" });
        Assert.Equal(1, published.GetProperty("seq").GetInt32());
        using var stream = await SubscribeAsync("news?as=alice&from=start");
        using var session = JsonDocument.Parse(await DataAsync(stream));
        using var pushed = JsonDocument.Parse(await DataAsync(stream));
        Assert.Equal("hello", pushed.RootElement.GetProperty("msg").GetString());
        using var acknowledged = await _http.PostAsJsonAsync(
            $"api/sessions/{session.RootElement.GetProperty("session").GetString()}/ack", new { seqs = "1" });
        Assert.Equal((HttpStatusCode.OK, "{\"count\":1}"), (acknowledged.StatusCode, (await acknowledged.Content.ReadAsStringAsync()).Trim()));

        var metrics = await _http.GetStringAsync("metrics");
        Assert.Contains("\nrookery_broker_topics 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("\nrookery_gateway_links_total ", metrics, StringComparison.Ordinal);
        Assert.Equal("live\n", await _http.GetStringAsync("health/live"));
        Assert.Equal("ready\n", await _http.GetStringAsync("health/ready"));
    }

    [Fact]
    public async Task A_gateway_whose_cluster_does_not_answer_is_not_ready_though_it_lives()
    {
        Assert.Equal("ready\n", await _http.GetStringAsync("health/ready"));
        await _silo.StopAsync();
        var why = "";
        await Eventually.HoldsAsync(async () =>
        {
            using var ready = await _http.GetAsync("health/ready");
            why = await ready.Content.ReadAsStringAsync();
            return ready.StatusCode == HttpStatusCode.ServiceUnavailable;
        });
        Assert.Matches("^(no cluster|the cluster does not answer: [A-Za-z]+)\n$", why);
        Assert.Equal("live\n", await _http.GetStringAsync("health/live"));
    }

    [Fact]
    public async Task With_tokens_a_gateway_lets_in_those_who_have_one_as_far_as_their_rights_go_over_both_ports()
    {
        const string Tokens = """{"tokens":[{"owner":"writer","token":"0123456789abcdef-writer","publish":["news"]}]}""";
        var guarded = await _programs.StartGatewayAsync("--tokens", Tokens);
        await using var line = await LineClient.OpenAsync(Programs.EndPointOf(guarded));
        await line.ExpectAsync(LineClient.Greeting);
        await line.SendAsync("""hello {"token":"0123456789abcdef-writer","confirm":true}""");
        Assert.StartsWith("ok hello ", await line.ReadAsync(), StringComparison.Ordinal);
        await line.AskAsync("""pub news {"id":"1","msg":1}""", "ok pub news 1 1");
        await line.SendAsync("sub news");
        Assert.StartsWith("error: not allowed to subscribe to topic news", await line.ReadAsync(), StringComparison.Ordinal);

        using var http = new HttpClient { BaseAddress = Programs.HttpOf(guarded), Timeout = Recorder.Deadline };
        using var stranger = await http.PostAsJsonAsync("api/topics/news/events", new { id = "2", msg = 2 });
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        http.DefaultRequestHeaders.Authorization = new("Bearer", "0123456789abcdef-writer");
        using var writer = await http.PostAsJsonAsync("api/topics/news/events", new { id = "2", msg = 2 });
        Assert.Equal(HttpStatusCode.Created, writer.StatusCode);
        using var scrape = await http.GetAsync("metrics");
        Assert.Equal(HttpStatusCode.Forbidden, scrape.StatusCode);
        Assert.Equal("ready\n", await http.GetStringAsync("health/ready"));
    }

    [Fact]
    public async Task By_the_name_of_a_stranger_nothing_is_served()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/topics");
        request.Headers.Host = "stranger.example";
        using var answer = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Streams_are_told_when_the_gateway_ends_and_do_not_hold_it_up()
    {
        using var stream = await SubscribeAsync("news");
        await DataAsync(stream);
        var ending = _gateway.StopAsync();
        Assert.Equal("{\"reason\":\"shutting down\"}", await DataAsync(stream));
        await ending.WaitAsync(Recorder.Deadline);
    }

    [Fact]
    public async Task Tweets_that_the_cluster_publishes_are_shown_to_whoever_types_twitter()
    {
        await using var viewer = await LineClient.OpenAsync(_gateway.Services.GetRequiredService<WireService>().ViewerEndPoint!);
        await viewer.ExpectAsync("Type `twitter` to start processing SSE (from Twitter API)");
        await viewer.AskAsync("twitter", "[Command] run :twitter");
        await Eventually.HoldsAsync(async () => (await _http.GetStringAsync("api/topics")).Contains("\"tweets\"", StringComparison.Ordinal));
        await PublishAsync("tweets", new { id = "1", msg = new { change = "created", id = "1", text = "first\nsecond" } });
        await PublishAsync("tweets", new { id = "2", msg = "no tweet" });
        await PublishAsync("tweets", new { id = "3", msg = new { change = "created", id = "3", text = "a bad word", censored = "a *** word" } });
        await viewer.ExpectAsync("tweet: first\\nsecond", "tweet: a *** word");

        // What was shown is settled, and the subscription ends with the viewer's wish.
        await Eventually.HoldsAsync(async () =>
            await SubscriptionsAsync() is [var one] && one.GetProperty("in_flight").GetInt32() == 0 && one.GetProperty("waiting").GetInt32() == 0);
        await viewer.AskAsync("stop", "[Command] run :stop");
        await Eventually.HoldsAsync(async () => await SubscriptionsAsync() is []);
    }

    private async Task<JsonElement[]> SubscriptionsAsync()
    {
        using var topic = JsonDocument.Parse(await _http.GetStringAsync("api/topics/tweets"));
        return [.. topic.RootElement.GetProperty("subscriptions").EnumerateArray().Select(one => one.Clone())];
    }

    private async Task<JsonElement> PublishAsync(string topic, object published)
    {
        using var answer = await _http.PostAsJsonAsync($"api/topics/{topic}/events", published);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, body);
        using var json = JsonDocument.Parse(body);
        return json.RootElement.Clone();
    }

    private async Task<StreamReader> SubscribeAsync(string topic)
    {
        var (name, query) = topic.Split('?') is [var one, var other] ? (one, $"?{other}") : (topic, "");
        return new StreamReader(await _http.GetStreamAsync($"api/topics/{name}/events{query}"));
    }

    /// <summary>What the next event has as data.</summary>
    private static async Task<string> DataAsync(StreamReader stream)
    {
        while (await stream.ReadLineAsync().WaitAsync(Recorder.Deadline) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return line["data: ".Length..];
            }
        }

        throw new EndOfStreamException("the stream ended");
    }
}
