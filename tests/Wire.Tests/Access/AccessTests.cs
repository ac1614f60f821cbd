using System.Text;
using Rookery.Conformance;

namespace Rookery.Wire.Tests;

/// <summary>Who may do what, on a server with tokens.</summary>
public sealed class AccessTests
{
    private const string Desk = "{\"token\":\"token-of-the-news-desk\",\"confirm\":true}";
    private const string Operations = "{\"token\":\"token-of-operations\",\"confirm\":true}";
    private const string TokenMissing = "error: a token is missing: hello {\"token\":\"...\"} comes first";

    private static readonly WireOptions Closed = new() { Access = List(""), FailedAttemptDelay = TimeSpan.Zero };
    private static readonly WireOptions WithAnonymous = Closed with { Access = List(",\"anonymous\":{\"subscribe\":[\"news.*\"]}") };

    [Fact]
    public async Task Without_a_token_nothing_is_done_and_hello_may_still_follow()
    {
        await using var served = await ServedBroker.StartAsync(Closed);
        var client = await served.ConnectAsync();
        foreach (var line in new[]
        {
            "pub news.a {\"id\":1,\"msg\":1}", "sub news.a", "unsub news.a", "ack news.a 1", "nack news.a 1", "dead news.a", "replay news.a", "discard news.a",
            "topics", "stats", "stats news.a", "hello {\"as\":\"x\"}",
        })
        {
            await client.AskAsync(line, TokenMissing);
        }

        await client.AskAsync("nonsense", "error: unknown command: [\"nonsense\"]");
        await client.AskAsync("ping", "pong");
        Assert.Equal((0, 0), (served.Broker.SessionCount, served.Broker.Executed));
        await client.SendAsync($"hello {Desk}");
        Assert.StartsWith("ok hello ", await client.ReadAsync(), StringComparison.Ordinal);
        await client.AskAsync("pub news.a {\"id\":1,\"msg\":1}", "ok pub news.a 1 1");
    }

    [Fact]
    public async Task Rights_are_held_to_for_each_command()
    {
        await using var served = await ServedBroker.StartAsync(Closed);
        var all = await served.ConnectAsync(Operations);
        await all.AskAsync("pub other {\"id\":1,\"msg\":1}", "ok pub other 1 1");
        await all.AskAsync("pub news.a {\"id\":1,\"msg\":1}", "ok pub news.a 1 1");
        var before = served.Broker.Executed;

        var desk = await served.ConnectAsync(Desk);
        await desk.AskAsync("pub other {\"id\":1,\"msg\":1}", "error: not allowed to publish to topic other");
        await desk.AskAsync("pub news {\"id\":1,\"msg\":1}", "error: not allowed to publish to topic news");
        foreach (var command in new[] { "sub other", "sub other {\"from\":\"start\"}", "unsub other", "ack other 1", "nack other 1", "dead other", "replay other", "discard other" })
        {
            await desk.AskAsync(command, "error: not allowed to subscribe to topic other");
        }

        await desk.AskAsync("stats news.a", "error: not allowed to administer topic news.a");
        await desk.AskAsync("drop news.a", "error: not allowed to administer topic news.a");
        await desk.AskAsync("dead news.a {\"key\":\"client:alice\"}", "error: not allowed to administer topic news.a");
        await desk.AskAsync("replay news.a {\"key\":\"client:alice\",\"seq\":1}", "error: not allowed to administer topic news.a");
        await desk.AskAsync("discard news.a {\"key\":\"client:alice\"}", "error: not allowed to administer topic news.a");
        await desk.AskAsync("stats", "error: not allowed: stats needs the right to administer *");
        await desk.AskAsync("topics", "error: not allowed: topics needs the right to administer some topic");
        Assert.Equal(before, served.Broker.Executed);

        // None of it harmed the connection, nor is one right another.
        await desk.AskAsync("sub tweets", "successfully subscribed to topic tweets");
        await desk.AskAsync("pub tweets {\"id\":1,\"msg\":1}", "error: not allowed to publish to topic tweets");
        await desk.AskAsync("ack tweets 7", "no_event_error: 7");
        await desk.AskAsync("dead tweets", "ok dead 0");

        await all.SendAsync("topics", "stats other", "stats");
        Assert.Contains("\"other\"", await all.ReadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("ok stats {\"topic\":\"other\"", await all.ReadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("ok stats {\"server\":", await all.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_administers_some_topics_sees_the_figures_of_those()
    {
        await using var served = await ServedBroker.StartAsync(Closed);
        var all = await served.ConnectAsync(Operations);
        await all.AskAsync("pub other {\"id\":1,\"msg\":1}", "ok pub other 1 1");
        await all.AskAsync("pub tweets {\"id\":1,\"msg\":1}", "ok pub tweets 1 1");
        var some = await served.ConnectAsync("{\"token\":\"token-of-the-curator\"}");
        await some.SendAsync("topics", "stats tweets");
        var topics = await some.ReadAsync();
        Assert.Contains("\"topic\":\"tweets\"", topics, StringComparison.Ordinal);
        Assert.DoesNotContain("other", topics, StringComparison.Ordinal);
        Assert.StartsWith("ok stats {\"topic\":\"tweets\"", await some.ReadAsync(), StringComparison.Ordinal);
        await some.AskAsync("stats other", "error: not allowed to administer topic other");

        // Nor need they subscribe, to see to dead letters.
        await some.AskAsync("dead tweets {\"key\":\"client:alice\"}", "error: no subscription client:alice of topic tweets");
        await some.AskAsync("dead tweets {}", "error: not allowed to subscribe to topic tweets");
        await some.AskAsync("stats", "error: not allowed: stats needs the right to administer *");
    }

    [Fact]
    public async Task Names_belong_to_the_owner_of_the_token()
    {
        await using var served = await ServedBroker.StartAsync(Closed);
        await served.ConnectAsync("{\"token\":\"token-of-the-news-desk\",\"as\":\"alice\"}");
        var second = await served.ConnectAsync("{\"token\":\"second-token-of-the-desk\",\"as\":\"bob\"}");
        await second.AskAsync("sub news.a", "successfully subscribed to topic news.a");
        Assert.Equal([("news-desk", "alice"), ("news-desk", "bob")], served.Broker.Identities.Select(i => (i.Owner, i.Name)).Order());
    }

    [Fact]
    public async Task Anonymous_clients_have_their_rights_with_hello_or_without()
    {
        await using var served = await ServedBroker.StartAsync(WithAnonymous);
        var silent = await served.ConnectAsync();
        await silent.AskAsync("sub news.a", "successfully subscribed to topic news.a");
        var named = await served.ConnectAsync("{\"as\":\"someone\",\"confirm\":true}");
        await named.AskAsync("pub news.a {\"id\":1,\"msg\":1}", "error: not allowed to publish to topic news.a");
        await named.AskAsync("sub tweets", "error: not allowed to subscribe to topic tweets");
        Assert.All(served.Broker.Identities, i => Assert.Null(i.Owner));
        var desk = await served.ConnectAsync(Desk);
        await desk.AskAsync("pub news.a {\"id\":1,\"msg\":1}", "ok pub news.a 1 1");
        await silent.ExpectAsync("{\"topic\":\"news.a\",\"priority\":0,\"msg\":1,\"id\":1}");
        var wrong = await served.ConnectAsync();
        await wrong.SendAsync("hello {\"token\":\"one that nobody has\"}", "sub news.a");
        Assert.Equal(["error: the token is not known; closing"], await wrong.ReadToEndAsync());
    }

    [Fact]
    public async Task A_wrong_token_is_answered_late_logged_without_it_and_closes()
    {
        var time = new ManualTimeProvider();
        var logs = new ListLogs();
        await using var served = await ServedBroker.StartAsync(Closed with { FailedAttemptDelay = TimeSpan.FromSeconds(2) }, time: time, loggers: logs);
        var client = await served.ConnectAsync();
        await client.SendAsync("hello {\"token\":\"a guess that is wrong\"}");
        await logs.WaitAsync("its token is not known (1 of 10 attempts in a minute)");
        var reply = client.ReadToEndAsync();
        time.Advance(TimeSpan.FromMilliseconds(1900));
        await Task.Yield();
        Assert.False(reply.IsCompleted);
        await ServedBroker.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(100), reply, "the reply after the delay");
        Assert.Equal(["error: the token is not known; closing"], await reply);
        Assert.DoesNotContain(logs.Lines, l => l.Contains("guess", StringComparison.Ordinal));
        Assert.Equal(0, served.Broker.SessionCount);
    }

    [Fact]
    public async Task Who_guesses_on_is_held_off_for_a_minute_even_with_a_good_token()
    {
        var time = new ManualTimeProvider();
        await using var served = await ServedBroker.StartAsync(Closed with { MaxFailedAttempts = 3 }, time: time);
        var inside = await served.ConnectAsync(Desk);
        for (var i = 0; i < 3; i++)
        {
            await SayAsync(served, $"{{\"token\":\"guess number {i}\"}}", "error: the token is not known; closing");
        }

        await SayAsync(served, Desk, "error: too many failed attempts from your address: wait 60 s; closing");
        await inside.AskAsync("pub news.a {\"id\":1,\"msg\":1}", "ok pub news.a 1 1");
        time.Advance(TimeSpan.FromSeconds(59.5));
        await SayAsync(served, Desk, "error: too many failed attempts from your address: wait 1 s; closing");
        time.Advance(TimeSpan.FromSeconds(1));
        await served.ConnectAsync(Desk);
    }

    [Fact]
    public async Task Who_says_no_token_in_time_is_closed_and_who_did_is_not()
    {
        var time = new ManualTimeProvider();
        await using var served = await ServedBroker.StartAsync(Closed with { HelloTimeout = TimeSpan.FromSeconds(5) }, time: time);
        var inside = await served.ConnectAsync(Desk);
        var outside = await served.ConnectAsync();
        await outside.AskAsync("ping", "pong");
        var said = outside.ReadToEndAsync();
        time.Advance(TimeSpan.FromSeconds(4.9));
        await inside.AskAsync("ping", "pong");
        Assert.False(said.IsCompleted);
        await ServedBroker.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(200), said, "who says no token is closed");
        Assert.Equal(["error: no hello with a token within 5 s; closing"], await said);
        await inside.AskAsync("ping", "pong");
    }

    [Fact]
    public async Task Who_has_not_said_a_token_costs_little_memory()
    {
        await using var served = await ServedBroker.StartAsync(Closed);
        var client = await served.ConnectAsync();
        await client.SendBytesAsync(new byte[4098].AsMemory());
        Assert.Equal(["error: line too long: at most 4096 bytes are allowed; closing"], await client.ReadToEndAsync());
        var inside = await served.ConnectAsync(Desk);
        var message = new string('x', 100_000);
        await inside.AskAsync($"pub news.a {{\"id\":1,\"msg\":\"{message}\"}}", "ok pub news.a 1 1");
    }

    [Fact]
    public async Task A_server_without_tokens_ignores_them()
    {
        await using var served = await ServedBroker.StartAsync();
        var client = await served.ConnectAsync("{\"token\":\"whatever\",\"confirm\":true}");
        await client.AskAsync("pub t {\"id\":1,\"msg\":1}", "ok pub t 1 1");
        await client.SendAsync("topics", "stats", "stats t");
        Assert.StartsWith("ok topics [{\"topic\":\"t\"", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.All(served.Broker.Identities, i => Assert.Null(i.Owner));
    }

    private static async Task SayAsync(ServedBroker served, string hello, string reply)
    {
        await using var client = await LineClient.ConnectAsync(served.Server.EndPoint);
        await client.AskAsync($"hello {hello}", reply);
    }

    private static AccessList List(string more) => AccessList.Parse(Encoding.UTF8.GetBytes($$"""
        {"tokens":[
          {"owner":"news-desk","token":"token-of-the-news-desk","publish":["news.*"],"subscribe":["news.*","tweets"]},
          {"owner":"news-desk","token":"second-token-of-the-desk","subscribe":["news.*"]},
          {"owner":"curator","token":"token-of-the-curator","administer":["tw*"]},
          {"owner":"operations","token":"token-of-operations","publish":["*"],"subscribe":["*"],"administer":["*"]}]{{more}}}
        """));
}
