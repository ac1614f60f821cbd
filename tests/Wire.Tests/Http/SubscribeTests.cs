using System.Net;
using System.Text.Json;
using Rookery.Broker;

namespace Rookery.Wire.Tests;

public sealed class HttpSubscribeTests
{
    [Fact]
    public async Task Events_come_as_the_lines_of_the_protocol_with_their_number_as_id()
    {
        await using var served = await ServedHttp.StartAsync();
        using var reader = await served.SubscribeAsync("api/topics/news/events");
        await PublishAsync(served, "a");
        var (name, id, data) = await reader.NextAsync();
        Assert.Equal(("message", "1"), (name, id));
        Assert.Matches("""^\{"topic":"news","priority":0,"msg":"a","id":"a","seq":1,"ts":\d+,"tries":1\}$""", data);
    }

    [Fact]
    public async Task Without_a_name_events_are_settled_as_they_are_sent()
    {
        await using var served = await ServedHttp.StartAsync();
        using var reader = await served.SubscribeAsync("api/topics/news/events?window=2");
        await PublishAsync(served, [.. Enumerable.Range(1, 20).Select(i => $"{i}")]);
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"\"{i}\""), await reader.MessagesAsync(20));
        await ServedBroker.EventuallyAsync(() => Stats(served).Acknowledged == 20, "all are settled");
    }

    [Fact]
    public async Task A_session_ends_with_its_stream_also_where_settling_went_wrong()
    {
        await using var served = await ServedHttp.StartAsync();
        served.Broker.Script = (commands, i) =>
            commands.Commands[i].Kind == CommandKind.AcknowledgeRanges ? throw new InvalidOperationException("a mistake") : null;
        using (var reader = await served.SubscribeAsync("api/topics/news/events"))
        {
            await PublishAsync(served, "a");
            Assert.Equal(["\"a\""], await reader.MessagesAsync(1));
        }

        // The one that published stays in the pool of HTTP.
        await ServedBroker.EventuallyAsync(() => served.Broker.SessionCount == 1, "the stream's session is over");
    }

    [Fact]
    public async Task With_a_name_they_wait_for_an_acknowledgement()
    {
        await using var served = await ServedHttp.StartAsync();
        using var reader = await served.SubscribeAsync("api/topics/news/events?as=alice&window=2");
        await PublishAsync(served, "a", "b", "c", "d");
        Assert.Equal(["\"a\"", "\"b\""], await reader.MessagesAsync(2));
        Assert.Equal((HttpStatusCode.OK, """{"count":2}"""), await served.AskAsync("POST", $"api/sessions/{reader.Session}/ack", """{"topic":"news","seqs":"1-2,9"}"""));
        Assert.Equal(["\"c\"", "\"d\""], await reader.MessagesAsync(2));
        Assert.Equal((HttpStatusCode.OK, """{"count":1}"""), await served.AskAsync("POST", $"api/sessions/{reader.Session}/ack", """{"id":"c"}"""));
        Assert.Equal((HttpStatusCode.OK, """{"count":0}"""), await served.AskAsync("POST", $"api/sessions/{reader.Session}/ack", """{"id":"c"}"""));
        Assert.Equal(1, Stats(served).InFlight);
    }

    [Fact]
    public async Task What_is_given_back_comes_again()
    {
        await using var served = await ServedHttp.StartAsync();
        using var reader = await served.SubscribeAsync("api/topics/news/events?group=g&window=3");
        await PublishAsync(served, "a", "b", "c");
        await reader.MessagesAsync(3);
        Assert.Equal((HttpStatusCode.OK, """{"count":2}"""), await served.AskAsync("POST", $"api/sessions/{reader.Session}/nack", """{"seqs":"1,3","delay_ms":0}"""));
        var again = new[] { await reader.NextAsync(), await reader.NextAsync() };
        Assert.Equal(["1", "3"], again.Select(e => e.Id).Order());
        Assert.All(again, e => Assert.Contains("\"tries\":2}", e.Data, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reader_that_comes_back_goes_on_behind_what_it_saw()
    {
        await using var served = await ServedHttp.StartAsync();
        await PublishAsync(served, "a", "b", "c");
        using var reader = await served.SubscribeAsync("api/topics/news/events", "Last-Event-ID", "1");
        Assert.Equal(["\"b\"", "\"c\""], await reader.MessagesAsync(2));
    }

    [Fact]
    public async Task What_a_named_reader_left_in_flight_is_there_when_it_comes_back()
    {
        await using var served = await ServedHttp.StartAsync();
        using (var reader = await served.SubscribeAsync("api/topics/news/events?as=alice"))
        {
            await PublishAsync(served, "a");
            await reader.MessagesAsync(1);
        }

        await ServedBroker.EventuallyAsync(() => Stats(served).Members == 0, "the reader has left");
        using var back = await served.SubscribeAsync("api/topics/news/events?as=alice", "Last-Event-ID", "1");
        Assert.Equal(["\"a\""], await back.MessagesAsync(1));
    }

    [Fact]
    public async Task A_second_reader_of_a_name_takes_over_and_the_first_is_told()
    {
        await using var served = await ServedHttp.StartAsync();
        using var first = await served.SubscribeAsync("api/topics/news/events?as=alice");
        using var second = await served.SubscribeAsync("api/topics/news/events?as=alice");
        Assert.Equal(("end", null, """{"reason":"taken over by another connection"}"""), await first.NextAsync());
        Assert.Equal("closed", (await first.NextAsync()).Name);
    }

    [Fact]
    public async Task A_silent_stream_says_that_it_lives()
    {
        await using var served = await ServedHttp.StartAsync(new HttpOptions { Heartbeat = TimeSpan.FromSeconds(1) });
        using var reader = await served.SubscribeAsync("api/topics/news/events");
        string? line;
        do
        {
            line = await reader.LineAsync();
        }
        while (line is "");

        Assert.Equal(":", line);
    }

    [Fact]
    public async Task A_server_that_stops_tells_its_readers()
    {
        await using var served = await ServedHttp.StartAsync();
        using var reader = await served.SubscribeAsync("api/topics/news/events");
        var stopping = served.Server.StopAsync();
        Assert.Equal(("end", null, """{"reason":"shutting down"}"""), await reader.NextAsync());
        await stopping.WaitAsync(ServedHttp.Deadline);
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_is_cut_off_and_what_waits_for_it_is_bounded()
    {
        await using var served = await ServedHttp.StartAsync(new HttpOptions { SendTimeout = TimeSpan.FromSeconds(1), SubscriptionCredit = 64 * 1024 });
        using var reader = await served.SubscribeAsync("api/topics/news/events?as=slow&window=65536");
        var text = new string('x', 100_000);
        for (var i = 0; i < 200; i++)
        {
            await PublishAsync(served, text);
        }

        await ServedBroker.EventuallyAsync(() => Stats(served).Members == 0, "the reader is cut off");
        Assert.Equal(200, Stats(served).Waiting);
    }

    [Fact]
    public async Task More_than_the_credit_goes_through_to_a_reader_that_reads()
    {
        await using var served = await ServedHttp.StartAsync(new HttpOptions { SubscriptionCredit = 4096 });
        using var reader = await served.SubscribeAsync("api/topics/news/events?from=start");
        await PublishAsync(served, [.. Enumerable.Range(1, 300).Select(i => $"{i} {new string('x', 500)}")]);
        Assert.Equal(300, (await reader.MessagesAsync(300)).Distinct().Count());
    }

    [Theory]
    [InlineData("window=0", "bad options: window must be an integer from 1 to 65536")]
    [InlineData("window=x", "bad options: window must be an integer from 1 to 65536")]
    [InlineData("from=yesterday", "bad options: from must be \"new\", \"start\", a number from 1 or a time like \"2026-01-31T12:00:00Z\"")]
    [InlineData("as=", "bad options: as must be 1 to 200 bytes, without control characters or a space at either end")]
    [InlineData("ack=perhaps", "bad options: ack must be auto or manual")]
    [InlineData("=5", "bad options: a parameter without a name is not known; there are as, group, window, from, lease_ms, max_tries and ack")]
    [InlineData("window=5&windo=6", "bad options: windo is not known; there are as, group, window, from, lease_ms, max_tries and ack")]
    [InlineData("window=5&window=6", "bad options: window is given more than once")]
    [InlineData("as=alice&AS=bob", "bad options: AS is given more than once")]
    public async Task Options_out_of_their_bounds_or_not_known_are_refused(string query, string error)
    {
        await using var served = await ServedHttp.StartAsync();
        var (status, body) = await served.AskAsync("GET", $"api/topics/news/events?{query}");
        Assert.Equal((HttpStatusCode.BadRequest, error), (status, ServedHttp.ErrorOf(body)));
    }

    [Theory]
    [InlineData("""{"seqs":"5-4"}""", "bad seqs \"5-4\": allowed are <seq> and <a>-<b> with 1 <= a <= b, joined by commas, together at most 65536")]
    [InlineData("""{"seqs":"1-9999999999"}""", "bad seqs \"1-9999999999\": allowed are <seq> and <a>-<b> with 1 <= a <= b, joined by commas, together at most 65536")]
    [InlineData("{}", "seqs or id is missing: seqs are numbers and ranges such as \"1-5,7\", id is that of an event")]
    [InlineData("""{"seqs":null,"id":null}""", "seqs or id is missing: seqs are numbers and ranges such as \"1-5,7\", id is that of an event")]
    [InlineData("""{"seqs":"1","id":"a"}""", "id and seqs are both given: a request settles one or the other")]
    [InlineData("""{"seq":1,"id":"a"}""", "bad options: seq is not known; there are topic, id and seqs")]
    [InlineData("""{"id":"a","delay_ms":5}""", "bad options: delay_ms is not known; there are topic, id and seqs")]
    [InlineData("""{"seqs":"1","seqs":"2"}""", "bad options: seqs is given more than once")]
    [InlineData("[]", "bad options: it must be a JSON object")]
    [InlineData("""{"topic":"other","id":"a"}""", "the session is subscribed to news")]
    public async Task Acknowledgements_that_name_nothing_are_refused(string body, string error)
    {
        await using var served = await ServedHttp.StartAsync();
        using var reader = await served.SubscribeAsync("api/topics/news/events?as=alice");
        var (status, answer) = await served.AskAsync("POST", $"api/sessions/{reader.Session}/ack", body);
        Assert.Equal((HttpStatusCode.BadRequest, error), (status, ServedHttp.ErrorOf(answer)));
    }

    [Fact]
    public async Task What_is_given_back_has_a_delay_and_nothing_else_that_is_not_known()
    {
        await using var served = await ServedHttp.StartAsync();
        using var reader = await served.SubscribeAsync("api/topics/news/events?as=alice");
        var (status, answer) = await served.AskAsync("POST", $"api/sessions/{reader.Session}/nack", """{"id":"a","delay":5}""");
        Assert.Equal(
            (HttpStatusCode.BadRequest, "bad options: delay is not known; there are topic, id, seqs and delay_ms"),
            (status, ServedHttp.ErrorOf(answer)));
    }

    [Fact]
    public async Task A_session_that_is_not_open_is_not_found()
    {
        await using var served = await ServedHttp.StartAsync();
        var (status, body) = await served.AskAsync("POST", $"api/sessions/{Guid.Empty}/ack", """{"id":"a"}""");
        Assert.Equal((HttpStatusCode.NotFound, $"no session {Guid.Empty} that is yours"), (status, ServedHttp.ErrorOf(body)));
    }

    [Fact]
    public async Task No_more_subscriptions_than_allowed_are_open()
    {
        await using var served = await ServedHttp.StartAsync(new HttpOptions { MaxSubscriptions = 1 });
        using (await served.SubscribeAsync("api/topics/news/events"))
        {
            var (status, body) = await served.AskAsync("GET", "api/topics/news/events");
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "too many subscriptions are open: at most 1"), (status, ServedHttp.ErrorOf(body)));
        }
    }

    private static SubscriptionStats Stats(ServedHttp served) => served.Broker.Topic(TopicName.Parse("news")).Stats().Subscriptions[0];

    private static async Task PublishAsync(ServedHttp served, params string[] messages)
    {
        var events = messages.Select(m => new { id = m.Split(' ')[0] is { Length: < 100 } id ? id : "long", msg = m });
        Assert.Equal(HttpStatusCode.OK, (await served.AskAsync("POST", "api/topics/news/events", JsonSerializer.Serialize(events))).Status);
    }
}
