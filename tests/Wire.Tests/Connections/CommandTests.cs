using Rookery.Broker;

namespace Rookery.Wire.Tests;

/// <summary>What is said to each line that is not as it has to be, and for each outcome a broker can give.</summary>
public sealed class CommandTests
{
    [Theory]
    [InlineData("", "error: unknown command: [\"\"]")]
    [InlineData("PUB t {\"id\":\"1\",\"msg\":1}", "error: unknown command: [\"PUB\", \"t\", \"{\\\"id\\\":\\\"1\\\",\\\"msg\\\":1}\"]")]
    [InlineData("pub t", "error: unknown command: [\"pub\", \"t\"]")]
    [InlineData("pub", "error: unknown command: [\"pub\"]")]
    [InlineData("sub tweets extra", "error: unknown command: [\"sub\", \"tweets\", \"extra\"]")]
    [InlineData("sub   tweets", "error: unknown command: [\"sub\", \"\", \" tweets\"]")]
    [InlineData("pub  t {\"id\":\"1\",\"msg\":1}", "error: unknown command: [\"pub\", \"\", \"t {\\\"id\\\":\\\"1\\\",\\\"msg\\\":1}\"]")]
    [InlineData("unsub t x", "error: unknown command: [\"unsub\", \"t\", \"x\"]")]
    [InlineData("ack t", "error: unknown command: [\"ack\", \"t\"]")]
    [InlineData("ping pong", "error: unknown command: [\"ping\", \"pong\"]")]
    [InlineData("stats a b", "error: unknown command: [\"stats\", \"a\", \"b\"]")]
    [InlineData("hello", "error: unknown command: [\"hello\"]")]
    [InlineData("sub ../../etc/passwd", "error: bad topic \"../../etc/passwd\": a topic is 1 to 200 of A-Z a-z 0-9 . _ - : and neither \".\" nor \"..\"")]
    [InlineData("ack .. 1", "error: bad topic \"..\": a topic is 1 to 200 of A-Z a-z 0-9 . _ - : and neither \".\" nor \"..\"")]
    [InlineData("ack t #1-", "error: bad list \"#1-\": allowed are #<seq> and #<a>-<b> with 1 <= a <= b, joined by commas")]
    [InlineData("nack t #x", "error: bad number \"#x\": #<seq> is # and a number from 1 to 9223372036854775807")]
    [InlineData("nack t a 99999999999", "error: bad delay \"99999999999\": delay_ms is a number from 0 to 2147483647")]
    [InlineData("nack t #1 soon", "error: bad delay \"soon\": delay_ms is a number from 0 to 2147483647")]
    [InlineData("replay t 5", "error: bad number \"5\": #<seq> is # and a number from 1 to 9223372036854775807")]
    [InlineData("sub t {\"group\":\"\\ud800\"}", "error: bad options: group must be a string without a lone surrogate")]
    [InlineData("sub t {\"\\ud800\":1}", "error: bad options: the name of a field has a lone surrogate")]
    [InlineData("sub t {", "error: bad options: it must be a JSON object; there is a fault at byte 1")]
    [InlineData("dead t {", "error: bad options: it must be a JSON object; there is a fault at byte 1")]
    [InlineData("dead t {\"key\":\"\"}", "error: bad options: key must be that of a subscription, as stats shows it")]
    [InlineData("discard t {\"key\":\"client:z\",\"sq\":2}", "error: bad options: sq is not known; there are key and seq")]
    [InlineData("discard t {\"limit\":1}", "error: bad options: limit is not known; there are key and seq")]
    [InlineData("replay t {\"limit\":1}", "error: bad options: limit is not known; there are key and seq")]
    [InlineData("dead t {\"seq\":1}", "error: bad options: seq is not known; there are key and limit")]
    [InlineData("dead t {\"key\":7}", "error: bad options: key must be a string")]
    [InlineData("dead t {\"limit\":0}", "error: bad options: limit must be an integer from 1 to 2147483647")]
    [InlineData("replay t {\"seq\":0}", "error: bad options: seq must be a number from 1 to 9223372036854775807")]
    [InlineData("discard t {\"seq\":\"#1\"}", "error: bad options: seq must be a number from 1 to 9223372036854775807")]
    [InlineData("dead t #1", "error: unknown command: [\"dead\", \"t\", \"#1\"]")]
    [InlineData("dead .. {}", "error: bad topic \"..\": a topic is 1 to 200 of A-Z a-z 0-9 . _ - : and neither \".\" nor \"..\"")]
    [InlineData("sub t {\"window\":0}", "error: bad options: window must be an integer from 1 to 65536")]
    [InlineData("sub t {\"window\":1.0}", "error: bad options: window must be an integer from 1 to 65536")]
    [InlineData("sub t {\"lease_ms\":-1}", "error: bad options: lease_ms must be an integer from 0 to 2147483647")]
    [InlineData("sub t {\"max_tries\":\"2\"}", "error: bad options: max_tries must be an integer from 0 to 2147483647")]
    [InlineData("sub t {\"group\":\"\"}", "error: bad options: group must be 1 to 200 bytes, without control characters or a space at either end")]
    [InlineData("sub t {\"from\":0}", "error: bad options: from must be \"new\", \"start\", a number from 1 or a time like \"2026-01-31T12:00:00Z\"")]
    [InlineData("sub t {\"from\":\"2026-01-31T12:00:00\"}", "error: bad options: from must be \"new\", \"start\", a number from 1 or a time like \"2026-01-31T12:00:00Z\"")]
    [InlineData("sub t {\"from\":\"2026-01-31T12:00:00.Z\"}", "error: bad options: from must be \"new\", \"start\", a number from 1 or a time like \"2026-01-31T12:00:00Z\"")]
    [InlineData("sub t {\"from\":\"2026-01-31T12:00:00+24:00\"}", "error: bad options: from must be \"new\", \"start\", a number from 1 or a time like \"2026-01-31T12:00:00Z\"")]
    [InlineData("sub t {\"from\":\"later\"}", "error: bad options: from must be \"new\", \"start\", a number from 1 or a time like \"2026-01-31T12:00:00Z\"")]
    [InlineData("sub t {\"windo\":5}", "error: bad options: windo is not known; there are window, from, lease_ms, max_tries and group")]
    [InlineData("sub t {\"window\":2,\"a\\nb\":[{}]}", "error: bad options: a\\nb is not known; there are window, from, lease_ms, max_tries and group")]
    [InlineData("hello 5", "error: bad hello: it must be a JSON object")]
    [InlineData("hello {\"as\":5}", "error: bad hello: as must be a string")]
    [InlineData("hello {\"as\":\" x\"}", "error: bad hello: as must be 1 to 200 bytes, without control characters or a space at either end")]
    [InlineData("hello {\"confirm\":1}", "error: bad hello: confirm must be true or false")]
    [InlineData("hello {\"token\":1}", "error: bad hello: token must be a string")]
    public async Task A_line_that_is_not_as_it_has_to_be_is_answered_and_the_connection_goes_on(string line, string reply)
    {
        await using var served = await ServedBroker.StartAsync();
        var client = await served.ConnectAsync();
        await client.AskAsync(line, reply);
        await client.AskAsync("sub t {\"window\":2,\"group\":null}", "successfully subscribed to topic t");
    }

    [Fact]
    public async Task Hello_comes_once_and_first()
    {
        await using var served = await ServedBroker.StartAsync();
        var client = await served.ConnectAsync();
        await client.AskAsync("nonsense", "error: unknown command: [\"nonsense\"]");
        await client.AskAsync("hello {\"as\":[]}", "error: bad hello: as must be a string");
        await client.SendAsync("hello {\"as\":\"a b\", \"token\":\"ignored\", \"x\": {\"y\": []}, \"producer\": null}");
        Assert.Matches("^ok hello {\"server\":\"rookery/[^\"]+\",\"limits\":{\"line_bytes\":1048576,.*}}$", await client.ReadAsync());
        await client.AskAsync("hello {}", Errors.HelloNotFirst);
        var other = await served.ConnectAsync();
        await other.AskAsync("ping", "pong");
        await other.AskAsync("hello {}", Errors.HelloNotFirst);
    }

    [Theory]
    [InlineData(Outcome.Refused, "error: why not")]
    [InlineData(Outcome.Invalid, "error: why not")]
    [InlineData(Outcome.NotSubscribed, "error: not a topic t subscriber")]
    [InlineData(Outcome.Unavailable, "error: unavailable: {0} was not executed: why not")]
    [InlineData(Outcome.Unknown, "error: unknown outcome: {0} may or may not have been executed: why not")]
    [InlineData(Outcome.Pending, "error: unknown outcome: {0} may or may not have been executed: why not")]
    public async Task Every_failure_has_its_line_also_for_the_quiet(Outcome outcome, string line)
    {
        var broker = new FakeBroker { Script = (_, _) => new CommandResult { Outcome = outcome, Detail = "why\nnot" } };
        await using var served = await ServedBroker.StartAsync(broker: broker);
        var client = await served.ConnectAsync("{\"quiet\":true}");
        foreach (var (sent, named) in new[]
        {
            ("pub t {\"id\":\"\\u0061 b\",\"msg\":1}", "pub t a b"), ("sub t", "sub t"), ("unsub t", "unsub t"), ("ack t a b", "ack t a b"),
            ("ack t #1-5,#7", "ack t #1-5,..."), ("ack t #3", "ack t #3"), ("nack t a 5", "nack t a"), ("nack t #5", "nack t #5"), ("dead t", "dead t"),
            ("replay t", "replay t"), ("discard t #1", "discard t"),
        })
        {
            await client.AskAsync(sent, string.Format(null, line, named));
        }
    }

    [Fact]
    public async Task A_broker_that_throws_is_an_unknown_outcome()
    {
        var broker = new FakeBroker { Delay = _ => throw new InvalidOperationException("broken"), Script = (_, _) => default(CommandResult) };
        await using var served = await ServedBroker.StartAsync(broker: broker);
        var client = await served.ConnectAsync();
        await client.AskAsync("sub t", "error: unknown outcome: sub t may or may not have been executed: no answer came");
        broker.Delay = null;
        broker.Script = null;
        await client.AskAsync("sub t", "successfully subscribed to topic t");
    }

    [Fact]
    public async Task While_the_broker_is_not_available_each_line_is_told_and_the_connection_stays()
    {
        var broker = new FakeBroker { Down = "starting" };
        await using var served = await ServedBroker.StartAsync(broker: broker);
        var client = await served.ConnectAsync();
        await client.AskAsync("hello {\"confirm\":true}", "error: unavailable: hello was not executed: starting");
        await client.AskAsync("pub t {\"id\":\"1\",\"msg\":1}", "error: unavailable: pub t was not executed: starting");
        await client.AskAsync("stats", "error: unavailable: stats was not executed: starting");
        await client.AskAsync("topics", "error: unavailable: topics was not executed: starting");
        await client.AskAsync("ping", "pong");
        broker.Down = null;
        await client.AskAsync("sub t", "successfully subscribed to topic t");
    }

    [Fact]
    public async Task Subscriptions_of_a_connection_are_bounded()
    {
        await using var served = await ServedBroker.StartAsync(new WireOptions { MaxSubscriptions = 2 });
        var client = await served.ConnectAsync();
        await client.SendAsync("sub a", "sub b", "sub c", "sub a");
        await client.ExpectAsync(
            "successfully subscribed to topic a", "successfully subscribed to topic b",
            "error: too many subscriptions: a connection has at most 2", "successfully subscribed to topic a");
        await client.AskAsync("unsub a", "successfully unsubscribe from topic a");
        await client.AskAsync("sub c", "successfully subscribed to topic c");
    }
}
