using System.Net;
using System.Text.Json;

namespace Rookery.Wire.Tests;

public sealed class HttpTopicTests
{
    [Fact]
    public async Task Figures_are_those_of_the_line_protocol()
    {
        await using var served = await ServedHttp.StartAsync();
        await served.AskAsync("POST", "api/topics/news/events", """{"id":1,"msg":"x"}""");
        using (await served.SubscribeAsync("api/topics/news/events?group=a%2Fb"))
        {
            const string Figures = """{"topic":"news","seq":1,"events":1,"bytes":3,"dropped":0,"expired":0,"subscriptions":[{"key":"group:/a/b","members":1,"waiting":0,"in_flight":0,"dead":0,"delivered":0,"redelivered":0,"acknowledged":0}]}""";
            Assert.Equal((HttpStatusCode.OK, Figures), await served.AskAsync("GET", "api/topics/news"));
            Assert.Equal((HttpStatusCode.OK, $"[{Figures}]"), await served.AskAsync("GET", "api/topics"));
        }

        var (status, body) = await served.AskAsync("GET", "api/topics/olds");
        Assert.Equal((HttpStatusCode.NotFound, "no topic olds"), (status, ServedHttp.ErrorOf(body)));
    }

    [Fact]
    public async Task Dead_letters_of_others_are_listed_put_back_and_discarded_by_the_key()
    {
        await using var served = await ServedHttp.StartAsync();
        using var reader = await BuryAsync(served, "group:/a/b", "api/topics/news/events?group=a%2Fb&max_tries=1&window=9");
        const string Path = "api/topics/news/subscriptions/group:%2Fa%2Fb/dead";
        var (status, body) = await served.AskAsync("GET", Path + "?limit=2");
        Assert.Equal(HttpStatusCode.OK, status);
        using var json = JsonDocument.Parse(body);
        Assert.Equal(3, json.RootElement.GetProperty("total").GetInt32());
        Assert.Equal([1, 2], json.RootElement.GetProperty("letters").EnumerateArray().Select(l => l.GetProperty("seq").GetInt32()));
        Assert.Equal((HttpStatusCode.OK, """{"count":1}"""), await served.AskAsync("DELETE", Path + "?seq=1"));
        Assert.Equal((HttpStatusCode.OK, """{"count":2}"""), await served.AskAsync("POST", Path + "/replay"));
        Assert.Equal(["\"2\"", "\"3\""], (await reader.MessagesAsync(2)).Order(StringComparer.Ordinal));
        Assert.Equal((HttpStatusCode.OK, """{"total":0,"letters":[]}"""), await served.AskAsync("GET", Path));
    }

    [Theory]
    [InlineData("GET", "subscriptions/client:bob/dead", HttpStatusCode.NotFound, "no subscription client:bob of topic news")]
    [InlineData("POST", "subscriptions/client:alice/dead/replay?seq=9", HttpStatusCode.NotFound, "no dead letter 9 of client:alice")]
    [InlineData("DELETE", "subscriptions/client:alice/dead?seqs=3", HttpStatusCode.BadRequest, "bad options: seqs is not known; there is seq")]
    [InlineData("GET", "subscriptions/client:alice/dead?limti=3", HttpStatusCode.BadRequest, "bad options: limti is not known; there is limit")]
    [InlineData("DELETE", "subscriptions/client:alice/dead?seq=3&seq=4", HttpStatusCode.BadRequest, "bad options: seq is given more than once")]
    [InlineData("DELETE", "subscriptions/client:alice/dead?seq=", HttpStatusCode.BadRequest, "seq must be an integer from 1 to 9223372036854775807")]
    [InlineData("POST", "subscriptions/client:alice/dead/replay?seq=0", HttpStatusCode.BadRequest, "seq must be an integer from 1 to 9223372036854775807")]
    [InlineData("GET", "subscriptions/client:alice/dead?limit=1001", HttpStatusCode.BadRequest, "limit must be an integer from 1 to 1000")]
    [InlineData("DELETE", "subscriptions/client:alice", HttpStatusCode.Conflict, "client:alice is in use")]
    public async Task What_there_is_not_is_told(string method, string path, HttpStatusCode expected, string error)
    {
        await using var served = await ServedHttp.StartAsync();
        using var reader = await BuryAsync(served, "client:alice", "api/topics/news/events?as=alice&max_tries=1&window=9");
        var (status, body) = await served.AskAsync(method, $"api/topics/news/{path}");
        Assert.Equal((expected, error), (status, ServedHttp.ErrorOf(body)));
    }

    [Fact]
    public async Task A_subscription_that_nobody_uses_is_ended()
    {
        await using var served = await ServedHttp.StartAsync();
        (await served.SubscribeAsync("api/topics/news/events?as=alice")).Dispose();
        var status = HttpStatusCode.Conflict;
        for (var i = 0; status == HttpStatusCode.Conflict && i < 500; i++)
        {
            await Task.Delay(10);
            (status, _) = await served.AskAsync("DELETE", "api/topics/news/subscriptions/client:alice");
        }

        Assert.Equal(HttpStatusCode.NoContent, status);
        Assert.Equal(HttpStatusCode.NotFound, (await served.AskAsync("DELETE", "api/topics/news/subscriptions/client:alice")).Status);
    }

    [Fact]
    public async Task A_topic_is_dropped_and_its_readers_are_told()
    {
        await using var served = await ServedHttp.StartAsync();
        using var reader = await served.SubscribeAsync("api/topics/news/events");
        Assert.Equal((HttpStatusCode.OK, """{"count":0}"""), await served.AskAsync("DELETE", "api/topics/news"));
        Assert.Equal(("end", null, """{"reason":"topic news was dropped, and the subscription to it ended"}"""), await reader.NextAsync());
    }

    [Fact]
    public async Task A_broker_that_cannot_be_reached_is_told_and_not_ready()
    {
        await using var served = await ServedHttp.StartAsync(broker: new FakeBroker { Down = "out of reach" });
        var (status, body) = await served.AskAsync("GET", "api/topics");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "out of reach"), (status, ServedHttp.ErrorOf(body)));
        (status, body) = await served.AskAsync("GET", "health/ready");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"unavailable","error":"out of reach"}"""), (status, body));
        Assert.Equal((HttpStatusCode.OK, """{"status":"ok"}"""), await served.AskAsync("GET", "health/live"));
    }

    private static async Task<SseReader> BuryAsync(ServedHttp served, string key, string path)
    {
        var reader = await served.SubscribeAsync(path);
        await served.AskAsync("POST", "api/topics/news/events", """[{"id":1,"msg":"1"},{"id":2,"msg":"2"},{"id":3,"msg":"3"}]""");
        await reader.MessagesAsync(3);
        await served.AskAsync("POST", $"api/sessions/{reader.Session}/nack", """{"seqs":"1-3"}""");
        var (_, body) = await served.AskAsync("GET", "api/topics/news");
        Assert.Contains($"\"key\":\"{key}\",\"members\":1,\"waiting\":0,\"in_flight\":0,\"dead\":3", body, StringComparison.Ordinal);
        return reader;
    }
}
