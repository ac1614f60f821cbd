using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Rookery.Wire.Tests;

/// <summary>What all of the HTTP face has in common: the document, headers, faults, metrics.</summary>
public sealed class HttpFaceTests
{
    [Fact]
    public async Task Who_does_not_finish_his_request_holds_a_stop_for_five_seconds_and_no_longer()
    {
        var time = new ManualTimeProvider();
        await using var server = new HttpServer(new FakeBroker(), new HttpOptions { Port = 0 }, [], time: time);
        await server.StartAsync();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.EndPoint!);
        await socket.SendAsync("G"u8.ToArray());
        using (var other = new HttpClient())
        {
            await other.GetAsync(new Uri($"http://{server.EndPoint}/health/live"));
        }

        var stopping = server.StopAsync();
        await ServedBroker.AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), stopping, "it stops");
        await stopping;
    }

    [Fact]
    public async Task The_document_describes_every_route_and_no_other()
    {
        await using var served = await ServedHttp.StartAsync();
        var (_, body) = await served.AskAsync("GET", "api/openapi.json");
        using var document = JsonDocument.Parse(body);
        Assert.Equal("3.1.0", document.RootElement.GetProperty("openapi").GetString());
        var described = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"));
        Assert.Equal(served.Server.Routes.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_reference_of_the_document_leads_somewhere()
    {
        await using var served = await ServedHttp.StartAsync();
        var (_, body) = await served.AskAsync("GET", "api/openapi.json");
        using var document = JsonDocument.Parse(body);
        Assert.All(References(document.RootElement), reference =>
        {
            var at = document.RootElement;
            Assert.All(reference.Split('/').Skip(1), part => Assert.True(at.TryGetProperty(part, out at), reference));
        });
    }

    [Fact]
    public async Task A_parameter_that_is_not_in_the_document_is_refused_by_every_route_and_those_that_are_are_named()
    {
        await using var served = await ServedHttp.StartAsync();
        var (_, document) = await served.AskAsync("GET", "api/openapi.json");
        await DescribedParameters.CheckAsync(served.Client, document);
    }

    [Theory]
    [InlineData("PUT", "api/topics", HttpStatusCode.MethodNotAllowed, "PUT is not possible here; allowed: GET, HEAD")]
    [InlineData("GET", "api/nothing", HttpStatusCode.NotFound, "nothing is here; GET /api/openapi.json says what is where")]
    public async Task What_is_not_there_is_told_as_json(string method, string path, HttpStatusCode expected, string error)
    {
        await using var served = await ServedHttp.StartAsync();
        var (status, body) = await served.AskAsync(method, path);
        Assert.Equal((expected, error), (status, ServedHttp.ErrorOf(body)));
    }

    [Fact]
    public async Task No_answer_can_be_framed_guessed_at_or_kept()
    {
        await using var served = await ServedHttp.StartAsync();
        using var response = await served.SendAsync("GET", "api/topics");
        Assert.Contains("frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task What_goes_wrong_in_a_part_is_told_and_takes_nothing_with_it()
    {
        await using var served = await ServedHttp.StartAsync(part: new BadPart());
        var (status, body) = await served.AskAsync("GET", "bad");
        Assert.Equal((HttpStatusCode.InternalServerError, "something went wrong here; the log says what"), (status, ServedHttp.ErrorOf(body)));
        Assert.Equal(HttpStatusCode.OK, (await served.AskAsync("GET", "health/live")).Status);
    }

    [Fact]
    public async Task Metrics_have_the_broker_the_topics_and_the_meters()
    {
        using var meter = new Meter("Rookery.Test");
        await using var served = await ServedHttp.StartAsync();
        meter.CreateCounter<long>("rookery.test.things", "By", "Things \\ and\nmore").Add(5, new KeyValuePair<string, object?>("kind", "a \"b\""));
        meter.CreateObservableGauge("rookery.test.heat", () => 2.5, "s");

        // A host's own meter of what is told of every broker.
        meter.CreateObservableGauge("rookery.broker.topics", () => 1);
        await served.AskAsync("POST", "api/topics/news/events", """[{"id":1,"msg":1},{"id":2,"msg":1}]""");
        using (await served.SubscribeAsync("api/topics/news/events?as=alice&from=start"))
        {
            using var response = await served.SendAsync("GET", "metrics");
            Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
            var lines = (await response.Content.ReadAsStringAsync()).Split('\n');
            Assert.Contains("# HELP rookery_test_things_bytes_total Things \\\\ and\\nmore", lines);
            Assert.Contains("# TYPE rookery_test_things_bytes_total counter", lines);
            Assert.Contains("rookery_test_things_bytes_total{kind=\"a \\\"b\\\"\"} 5", lines);
            Assert.Contains("rookery_test_heat_seconds 2.5", lines);
            Assert.Contains("rookery_broker_published_total 2", lines);
            Assert.Contains("rookery_topic_published_total{topic=\"news\"} 2", lines);
            Assert.Contains("rookery_subscription_in_flight{topic=\"news\",subscription=\"client:alice\"} 1", lines);
            Assert.Single(lines, l => l.StartsWith("rookery_broker_topics", StringComparison.Ordinal));
            Assert.Equal(lines.Where(l => l.StartsWith("# TYPE", StringComparison.Ordinal)).Distinct(), lines.Where(l => l.StartsWith("# TYPE", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("rookery.journal.bytes", "By", true, "rookery_journal_bytes_total")]
    [InlineData("rookery.wire.bytes_in", "By", true, "rookery_wire_bytes_in_total")]
    [InlineData("rookery.wire.connections", null, false, "rookery_wire_connections")]
    [InlineData("dotnet.gc.pause.time", "s", true, "dotnet_gc_pause_time_seconds_total")]
    [InlineData("rookery.client.published", "{event}", true, "rookery_client_published_total")]
    public void Names_follow_the_conventions(string name, string? unit, bool counts, string expected) =>
        Assert.Equal(expected, PrometheusText.NameOf(name, unit, counts));

    [Fact]
    public void Options_out_of_their_bounds_are_refused()
    {
        HttpOptions[] wrong =
        [
            new() { Port = 65_536 }, new() { MaxConnections = 0 }, new() { MaxBodyBytes = 1 }, new() { MaxPendingBytes = 1 }, new() { MaxBatchEvents = 0 },
            new() { MaxSubscriptions = 0 }, new() { SubscriptionCredit = 1 }, new() { Heartbeat = TimeSpan.Zero }, new() { SendTimeout = TimeSpan.Zero },
            new() { MaxFailedAttempts = 0 }, new() { FailedAttemptDelay = TimeSpan.FromHours(1) },
        ];
        Assert.All(wrong, options => Assert.Throws<ArgumentOutOfRangeException>(options.Validate));
        new HttpOptions().Validate();
    }

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(m => m.Name == "$ref" ? [m.Value.GetString()!] : References(m.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private sealed class BadPart : IHttpPart
    {
        public void Map(HttpRoutes routes) => routes.Open("GET", "/bad", (HttpContext _) => throw new InvalidOperationException("oh"));
    }
}
