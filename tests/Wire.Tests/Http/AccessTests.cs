using System.Net;
using System.Text;

namespace Rookery.Wire.Tests;

public sealed class HttpAccessTests
{
    private const string Event = """{"id":1,"msg":1}""";

    private static readonly AccessList Tokens = AccessList.Parse(Encoding.UTF8.GetBytes("""
        {"tokens":[
          {"owner":"ops","token":"operator-operator","publish":["*"],"subscribe":["*"],"administer":["*"]},
          {"owner":"shop","token":"shop-shop-shop-shop","publish":["shop.*"],"subscribe":["shop.*"],"administer":["shop.*"]},
          {"owner":"guest","token":"guest-guest-guest","subscribe":["shop.*"]}]}
        """));

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:1234")]
    [InlineData("127.0.0.1:1234")]
    [InlineData("[::1]:1234")]
    [InlineData("rookery.example")]
    public async Task By_its_own_names_the_server_is_reached(string host)
    {
        await using var served = await ServedHttp.StartAsync(new HttpOptions { Names = ["rookery.example"] });
        Assert.Equal(HttpStatusCode.OK, (await served.AskAsync("GET", "api/topics", headers: ["Host", host])).Status);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:8088")]
    [InlineData("localhost.evil.example")]
    [InlineData("192.168.1.9")]
    public async Task By_another_name_nothing_is_served(string host)
    {
        await using var served = await ServedHttp.StartAsync();
        foreach (var path in new[] { "api/topics", "health/live", "metrics" })
        {
            Assert.Equal(HttpStatusCode.MisdirectedRequest, (await served.AskAsync("GET", path, headers: ["Host", host])).Status);
        }
    }

    [Fact]
    public async Task Where_everybody_needs_a_token_a_name_does_not_matter()
    {
        await using var served = await ServedHttp.StartAsync(new HttpOptions { Access = Tokens });
        Assert.Equal(HttpStatusCode.OK, (await served.AskAsync("GET", "api/topics", headers: ["Host", "rookery.example", "Authorization", "Bearer operator-operator"])).Status);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://localhost:1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_page_of_another_origin_changes_nothing_and_subscribes_to_nothing(string header, string value)
    {
        await using var served = await ServedHttp.StartAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await served.AskAsync("POST", "api/topics/news/events", Event, headers: [header, value])).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await served.AskAsync("DELETE", "api/topics/news/subscriptions/client:a/dead", headers: [header, value])).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await served.AskAsync("GET", "api/topics/news/events?as=a", headers: [header, value])).Status);
        Assert.Equal(0, served.Broker.Executed);
    }

    [Fact]
    public async Task The_page_itself_and_who_is_no_browser_may()
    {
        await using var served = await ServedHttp.StartAsync();
        Assert.Equal(HttpStatusCode.Created, (await served.AskAsync("POST", "api/topics/news/events", Event)).Status);
        Assert.Equal(HttpStatusCode.Created, (await served.AskAsync(
            "POST", "api/topics/news/events", Event, headers: ["Origin", $"http://{served.Server.EndPoint}", "Sec-Fetch-Site", "same-origin"])).Status);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized, "a token is missing: send it as Authorization: Bearer <token>")]
    [InlineData("Basic b3BzOng=", HttpStatusCode.Unauthorized, "the only authorization known is Bearer <token>")]
    [InlineData("Bearer wrong-wrong-wrong", HttpStatusCode.Unauthorized, "the token is not known")]
    [InlineData("Bearer guest-guest-guest", HttpStatusCode.Forbidden, "not allowed to publish to topic shop.x")]
    public async Task Who_may_not_publish_is_told_why(string? authorization, HttpStatusCode expected, string error)
    {
        await using var served = await ServedHttp.StartAsync(new HttpOptions { Access = Tokens, FailedAttemptDelay = TimeSpan.Zero });
        string[] headers = authorization is null ? [] : ["Authorization", authorization];
        using var response = await served.SendAsync("POST", "api/topics/shop.x/events", Event, headers: headers);
        Assert.Equal((expected, error), (response.StatusCode, ServedHttp.ErrorOf(await response.Content.ReadAsStringAsync())));
        Assert.Equal(expected == HttpStatusCode.Unauthorized, response.Headers.WwwAuthenticate.Count > 0);
        Assert.Equal(0, served.Broker.Executed);
    }

    [Theory]
    [InlineData("shop-shop-shop-shop", "POST", "api/topics/shop.x/events", HttpStatusCode.Created)]
    [InlineData("shop-shop-shop-shop", "POST", "api/topics/other/events", HttpStatusCode.Forbidden)]
    [InlineData("shop-shop-shop-shop", "GET", "api/topics/other/events", HttpStatusCode.Forbidden)]
    [InlineData("shop-shop-shop-shop", "GET", "api/topics/other", HttpStatusCode.Forbidden)]
    [InlineData("shop-shop-shop-shop", "DELETE", "api/topics/other", HttpStatusCode.Forbidden)]
    [InlineData("shop-shop-shop-shop", "GET", "api/topics/shop.x", HttpStatusCode.NotFound)]
    [InlineData("shop-shop-shop-shop", "GET", "metrics", HttpStatusCode.Forbidden)]
    [InlineData("guest-guest-guest", "GET", "api/topics", HttpStatusCode.Forbidden)]
    [InlineData("guest-guest-guest", "GET", "api/topics/shop.x/subscriptions/client:a/dead", HttpStatusCode.Forbidden)]
    [InlineData("operator-operator", "GET", "metrics", HttpStatusCode.OK)]
    public async Task Rights_are_those_of_the_token(string token, string method, string path, HttpStatusCode expected)
    {
        await using var served = await ServedHttp.StartAsync(new HttpOptions { Access = Tokens });
        Assert.Equal(expected, (await served.AskAsync(method, path, method == "POST" ? Event : null, headers: ["Authorization", $"Bearer {token}"])).Status);
    }

    [Fact]
    public async Task Of_the_topics_one_sees_those_one_may_administer()
    {
        await using var served = await ServedHttp.StartAsync(new HttpOptions { Access = Tokens });
        foreach (var topic in new[] { "shop.x", "other" })
        {
            Assert.Equal(HttpStatusCode.Created, (await served.AskAsync("POST", $"api/topics/{topic}/events", Event, headers: ["Authorization", "Bearer operator-operator"])).Status);
        }

        var (_, body) = await served.AskAsync("GET", "api/topics", headers: ["Authorization", "Bearer shop-shop-shop-shop"]);
        Assert.Contains("shop.x", body, StringComparison.Ordinal);
        Assert.DoesNotContain("other", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_guesses_tokens_is_held_off_even_with_a_good_one()
    {
        await using var served = await ServedHttp.StartAsync(new HttpOptions { Access = Tokens, MaxFailedAttempts = 3, FailedAttemptDelay = TimeSpan.Zero });
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await served.AskAsync("GET", "api/topics", headers: ["Authorization", $"Bearer wrong-{i}"])).Status);
        }

        using var response = await served.SendAsync("GET", "api/topics", headers: ["Authorization", "Bearer operator-operator"]);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Only_who_opened_a_session_settles_its_events()
    {
        await using var served = await ServedHttp.StartAsync(new HttpOptions { Access = Tokens });
        using var reader = await served.SubscribeAsync("api/topics/shop.x/events?as=alice", "Authorization", "Bearer guest-guest-guest");
        await served.AskAsync("POST", "api/topics/shop.x/events", Event, headers: ["Authorization", "Bearer operator-operator"]);
        await reader.MessagesAsync(1);
        var path = $"api/sessions/{reader.Session}/ack";
        Assert.Equal(HttpStatusCode.NotFound, (await served.AskAsync("POST", path, """{"seqs":"1"}""", headers: ["Authorization", "Bearer operator-operator"])).Status);
        Assert.Equal((HttpStatusCode.OK, """{"count":1}"""), await served.AskAsync("POST", path, """{"seqs":"1"}""", headers: ["Authorization", "Bearer guest-guest-guest"]));
    }

    [Fact]
    public async Task Health_and_the_document_need_no_token()
    {
        await using var served = await ServedHttp.StartAsync(new HttpOptions { Access = Tokens });
        foreach (var path in new[] { "health/live", "health/ready", "api/openapi.json" })
        {
            Assert.Equal(HttpStatusCode.OK, (await served.AskAsync("GET", path)).Status);
        }
    }
}
