using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Rookery.Broker;

namespace Rookery.Wire.Tests;

public sealed class HttpPublishTests
{
    [Fact]
    public async Task One_event_is_answered_with_its_number_and_id_when_it_is_stored()
    {
        await using var served = await ServedHttp.StartAsync();
        Assert.Equal((HttpStatusCode.Created, """{"seq":1,"id":"a"}"""), await served.AskAsync("POST", "api/topics/news/events", """{"id":"a","msg":"hello"}"""));
        Assert.Equal((HttpStatusCode.Created, """{"seq":2,"id":7}"""), await served.AskAsync("POST", "api/topics/news/events", """{"id":7,"msg":{"x": [1, 2]},"priority":3,"ttl_ms":60000}"""));
        using var reader = await served.SubscribeAsync("api/topics/news/events?from=start");
        Assert.Equal(["\"hello\"", """{"x":[1,2]}"""], (await reader.MessagesAsync(2)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_array_is_answered_with_a_result_each_and_the_good_ones_are_stored()
    {
        await using var served = await ServedHttp.StartAsync();
        var (status, body) = await served.AskAsync("POST", "api/topics/news/events", """[{"id":"a","msg":1},{"msg":2}, {"id":"c","msg":3,"priority":200} ,{"id":"d","msg":4}]""");
        Assert.Equal(HttpStatusCode.OK, status);
        using var json = JsonDocument.Parse(body);
        var results = json.RootElement.GetProperty("results").EnumerateArray().Select(r => r.TryGetProperty("seq", out var seq) ? seq.GetRawText() : r.GetProperty("error").GetString()!).ToArray();
        Assert.Equal(["1", "bad event: id is missing; it is a string or a number", "bad event: priority is 200; it is an integer from -128 to 127", "2"], results);
    }

    [Fact]
    public async Task What_is_no_event_in_an_array_is_refused_by_itself()
    {
        await using var served = await ServedHttp.StartAsync();
        var (status, body) = await served.AskAsync("POST", "api/topics/news/events", "[{\"id\":1,\"msg\":1}, 5 ,null,[\"x\",{}],{\"id\":2,\"msg\":1}]");
        Assert.Equal(HttpStatusCode.OK, status);
        const string NoObject = "{\"error\":\"bad event: not a JSON object: expected { at byte 0\"}";
        Assert.Equal($"{{\"results\":[{{\"seq\":1,\"id\":1}},{NoObject},{NoObject},{NoObject},{{\"seq\":2,\"id\":2}}]}}", body);
    }

    [Fact]
    public async Task Lines_are_an_event_each()
    {
        await using var served = await ServedHttp.StartAsync();
        var (status, body) = await served.AskAsync("POST", "api/topics/news/events", "{\"id\":1,\"msg\":1}\r\n\n{\"id\":2,\"msg\"}\n{\"id\":3,\"msg\":3}", "application/x-ndjson");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"results":[{"seq":1,"id":1},{"error":"bad event: not a JSON object: expected : at byte 13"},{"seq":2,"id":3}]}""", body);
    }

    [Fact]
    public async Task Many_events_are_stored_in_their_order()
    {
        await using var served = await ServedHttp.StartAsync();
        var lines = string.Join('\n', Enumerable.Range(1, 9000).Select(i => $"{{\"id\":{i},\"msg\":\"{new string('x', 200)}\"}}"));
        var (status, body) = await served.AskAsync("POST", "api/topics/news/events", lines, "application/x-ndjson");
        Assert.Equal(HttpStatusCode.OK, status);
        using var json = JsonDocument.Parse(body);
        Assert.Equal(Enumerable.Range(1, 9000), json.RootElement.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("seq").GetInt32()));
    }

    [Theory]
    [InlineData("", "the body is empty; it is an event, an array of events, or lines of events")]
    [InlineData("[{\"id\":1,\"msg\":1},", "bad event: not a JSON object: expected { at byte 18")]
    [InlineData("[{\"id\":1,\"msg\":1}", "bad events: not JSON: expected , or ] at byte 17")]
    [InlineData("[]x", "bad events: not JSON: more behind the array at byte 2")]
    [InlineData("{\"id\":\"#1\",\"msg\":1}", "bad event: id has a leading #; not allowed are control characters, lone surrogates, a space at either end, a leading #")]
    public async Task What_is_no_event_is_refused_in_the_words_of_the_line_protocol(string body, string error)
    {
        await using var served = await ServedHttp.StartAsync();
        var (status, answer) = await served.AskAsync("POST", "api/topics/news/events", body);
        Assert.Equal((HttpStatusCode.BadRequest, error), (status, ServedHttp.ErrorOf(answer)));
        Assert.Equal(0, served.Broker.Executed);
    }

    [Fact]
    public async Task A_body_that_is_not_utf8_is_refused()
    {
        await using var served = await ServedHttp.StartAsync();
        using var content = new ByteArrayContent([.. "{\"id\":1,\"msg\":\""u8, 0xff, .. "\"}"u8]);
        content.Headers.ContentType = new("application/json");
        using var response = await served.Client.PostAsync(new Uri("api/topics/news/events", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("")]
    [InlineData("application/json; charset=utf-16")]
    public async Task What_a_form_can_send_publishes_nothing(string type)
    {
        await using var served = await ServedHttp.StartAsync();
        var (status, _) = await served.AskAsync("POST", "api/topics/news/events", """{"id":1,"msg":1}""", type);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, status);
        Assert.Equal(0, served.Broker.Executed);
    }

    [Fact]
    public async Task A_packed_body_is_refused_and_not_stored_as_it_came()
    {
        await using var served = await ServedHttp.StartAsync();
        var (status, body) = await served.AskAsync("POST", "api/topics/news/events", """{"id":1,"msg":1}""", "application/json", "Content-Encoding", "gzip");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, status);
        Assert.Equal("no content encoding is read: send the body as it is", ServedHttp.ErrorOf(body));
        (status, _) = await served.AskAsync("POST", "api/topics/news/events", """{"id":1,"msg":1}""", "application/json", "Content-Encoding", "identity");
        Assert.Equal(HttpStatusCode.Created, status);
    }

    [Fact]
    public async Task Too_long_a_body_and_too_many_events_are_refused()
    {
        await using var served = await ServedHttp.StartAsync(new HttpOptions { MaxBodyBytes = 1024, MaxBatchEvents = 2 });
        var (status, body) = await served.AskAsync("POST", "api/topics/news/events", $"{{\"id\":1,\"msg\":\"{new string('x', 1024)}\"}}");
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "the body is too long: at most 1024 bytes are allowed"), (status, ServedHttp.ErrorOf(body)));
        (status, body) = await served.AskAsync("POST", "api/topics/news/events", """[{"id":1,"msg":1},{"id":2,"msg":1},{"id":3,"msg":1}]""");
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too many events: a request has at most 2"), (status, ServedHttp.ErrorOf(body)));
        Assert.Equal(0, served.Broker.Executed);
    }

    [Fact]
    public async Task A_numbered_event_is_stored_once()
    {
        await using var served = await ServedHttp.StartAsync();
        const string Event = """{"id":"a","msg":1,"n":5}""";
        Assert.Equal(HttpStatusCode.Created, (await served.AskAsync("POST", "api/topics/news/events", Event, headers: ["Rookery-Producer", "shop"])).Status);
        Assert.Equal((HttpStatusCode.OK, """{"seq":1,"id":"a","repeated":true}"""), await served.AskAsync("POST", "api/topics/news/events", Event, headers: ["Rookery-Producer", "shop"]));
        Assert.Equal((HttpStatusCode.Created, """{"seq":2,"id":"a"}"""), await served.AskAsync("POST", "api/topics/news/events", Event));
    }

    [Theory]
    [InlineData(Outcome.Refused, HttpStatusCode.TooManyRequests, "full")]
    [InlineData(Outcome.Invalid, HttpStatusCode.Conflict, "full")]
    [InlineData(Outcome.Unavailable, HttpStatusCode.ServiceUnavailable, "unavailable: pub news a was not executed: full")]
    [InlineData(Outcome.Unknown, HttpStatusCode.GatewayTimeout, "unknown outcome: pub news a may or may not have been executed: full")]
    public async Task What_the_broker_cannot_do_is_told_by_the_status(Outcome outcome, HttpStatusCode expected, string error)
    {
        var broker = new FakeBroker { Script = (_, _) => new CommandResult { Outcome = outcome, Detail = "full" } };
        await using var served = await ServedHttp.StartAsync(broker: broker);
        var (status, body) = await served.AskAsync("POST", "api/topics/news/events", """{"id":"a","msg":1}""");
        Assert.Equal((expected, error), (status, ServedHttp.ErrorOf(body)));
        (status, body) = await served.AskAsync("POST", "api/topics/news/events", """[{"id":"a","msg":1}]""");
        Assert.Equal((HttpStatusCode.OK, $"{{\"results\":[{{\"error\":\"{error}\"}}]}}"), (status, body));
    }

    [Fact]
    public async Task A_topic_that_is_none_is_refused()
    {
        await using var served = await ServedHttp.StartAsync();
        var (status, body) = await served.AskAsync("POST", "api/topics/a%20b/events", """{"id":"a","msg":1}""");
        Assert.Equal((HttpStatusCode.BadRequest, $"bad topic \"a b\": a topic is {TopicName.Rule}"), (status, ServedHttp.ErrorOf(body)));
    }

    [Theory]
    [InlineData("Rookery-Producer: a\r\nRookery-Producer: b\r\n", "Rookery-Producer is given more than once")]
    [InlineData("Rookery-Producer: a\r\nrookery-producer: a\r\n", "Rookery-Producer is given more than once")]
    public async Task A_producer_that_is_named_twice_is_refused(string headers, string error)
    {
        await using var served = await ServedHttp.StartAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync(served.Server.EndPoint);
        const string Event = """{"id":"a","msg":1,"n":1}""";
        await socket.GetStream().WriteAsync(Encoding.UTF8.GetBytes(
            $"POST /api/topics/news/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {Event.Length}\r\n{headers}\r\n{Event}"));
        using var reader = new StreamReader(socket.GetStream());
        var answer = await reader.ReadToEndAsync().WaitAsync(ServedHttp.Deadline);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains($"{{\"error\":\"{error}\"}}", answer, StringComparison.Ordinal);
        Assert.Equal(0, served.Broker.Executed);
    }

    [Fact]
    public async Task Bodies_under_way_at_once_are_bounded()
    {
        await using var served = await ServedHttp.StartAsync(new HttpOptions { MaxPendingBytes = 1 << 20 });
        var (status, body) = await served.AskAsync("POST", "api/topics/news/events", $"{{\"id\":1,\"msg\":\"{new string('x', 2 << 20)}\"}}");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "too much is being published at once; try again later"), (status, ServedHttp.ErrorOf(body)));
        Assert.Equal(HttpStatusCode.Created, (await served.AskAsync("POST", "api/topics/news/events", """{"id":"a","msg":1}""")).Status);
    }
}
