using Xunit;

namespace Rookery.Conformance;

/// <content>The commands for people and existing clients.</content>
public abstract partial class LineProtocolConformance
{
    [Fact]
    public async Task A_subscription_is_confirmed_also_when_repeated()
    {
        var client = await ConnectAsync();
        await SubscribeAsync(client, "tweets");
        await SubscribeAsync(client, "tweets");
    }

    [Fact]
    public async Task An_event_is_pushed_as_one_line_with_its_keys_in_order()
    {
        var subscriber = await ConnectAsync();
        var publisher = await ConnectAsync();
        await SubscribeAsync(subscriber, "tweets");
        await publisher.SendAsync("pub tweets {\"msg\": \"tweet 1\",  \"extra\": [1], \"priority\":3, \"id\":\"1\"}");
        await subscriber.ExpectAsync("{\"topic\":\"tweets\",\"priority\":3,\"msg\":\"tweet 1\",\"id\":\"1\"}");
        await publisher.ExpectNothingAsync();
    }

    [Theory]
    [InlineData("{\"a\": [1, 2.5e3, null, true], \"b\" : { } }", "{\"a\":[1,2.5e3,null,true],\"b\":{}}")]
    [InlineData("\"a \\\" b\\n\\ud83d c\"", "\"a \\\" b\\n\\ud83d c\"")]
    [InlineData("null", "null")]
    [InlineData("\"прывітанне 🐦 \\u0000\"", "\"прывітанне 🐦 \\u0000\"")]
    public async Task A_message_is_any_JSON_and_arrives_compact_but_otherwise_as_sent(string sent, string arrived)
    {
        var client = await ConnectAsync();
        await SubscribeAsync(client, "t");
        await client.SendAsync($"pub t {{\"id\":\"1\",\"msg\":{sent}}}");
        await client.ExpectAsync($"{{\"topic\":\"t\",\"priority\":0,\"msg\":{arrived},\"id\":\"1\"}}");
    }

    [Fact]
    public async Task The_window_is_one_and_the_reply_to_an_ack_precedes_the_next_event()
    {
        var subscriber = await ConnectAsync();
        var publisher = await PublisherAsync();
        await SubscribeAsync(subscriber, "t");
        await PublishAsync(publisher, "t", "a", "b", "c");
        await subscriber.ExpectAsync(Event("t", "a"));
        await subscriber.ExpectNothingAsync();
        await subscriber.AskAsync("ack t a", "acknowledged ev_id=a", Event("t", "b"));
        await subscriber.AskAsync("ack t b", "acknowledged ev_id=b", Event("t", "c"));
        await subscriber.AskAsync("ack t c", "acknowledged ev_id=c", "no available message");
        await subscriber.ExpectNothingAsync();
    }

    [Fact]
    public async Task Larger_priorities_go_first_then_the_first_published()
    {
        var subscriber = await ConnectAsync();
        var publisher = await PublisherAsync();
        await SubscribeAsync(subscriber, "t");
        await PublishAsync(publisher, "t", "first");
        await subscriber.ExpectAsync(Event("t", "first"));
        (string Id, int Priority)[] events = [("b", 0), ("a", 0), ("low", -128), ("high", 127), ("three", 3), ("also3", 3)];
        foreach (var (id, priority) in events)
        {
            await publisher.SendAsync($"pub t {{\"id\":\"{id}\",\"priority\":{priority},\"msg\":\"m\"}}");
            Assert.EndsWith($" {id}", await publisher.ReadAsync(), StringComparison.Ordinal);
        }

        var before = "first";
        foreach (var (id, priority) in events.Select((e, i) => (e, i)).OrderByDescending(x => x.e.Priority).ThenBy(x => x.i).Select(x => x.e))
        {
            await subscriber.AskAsync($"ack t {before}", $"acknowledged ev_id={before}", Event("t", id, priority));
            before = id;
        }
    }

    [Fact]
    public async Task A_numeric_id_is_delivered_as_sent_and_acknowledged_by_its_text()
    {
        var client = await ConnectAsync();
        await SubscribeAsync(client, "t");
        await client.SendAsync("pub t {\"id\":5,\"msg\":1}");
        await client.ExpectAsync("{\"topic\":\"t\",\"priority\":0,\"msg\":1,\"id\":5}");
        await client.AskAsync("ack t 5", "acknowledged ev_id=5", "no available message");
        await client.SendAsync("pub t {\"id\":-1.50E+2,\"msg\":1}");
        await client.ExpectAsync("{\"topic\":\"t\",\"priority\":0,\"msg\":1,\"id\":-1.50E+2}");
        await client.AskAsync("ack t -1.50E+2", "acknowledged ev_id=-1.50E+2", "no available message");
    }

    [Theory]
    [InlineData("\"with two spaces\"", "with two spaces")]
    [InlineData("\"k\\u00fa\\\"x\\\\\"", "kú\"x\\")]
    [InlineData("\"\\ud83d\\udc26\"", "🐦")]
    public async Task An_id_is_acknowledged_by_its_decoded_text(string token, string text)
    {
        var client = await ConnectAsync();
        await SubscribeAsync(client, "t");
        await client.SendAsync($"pub t {{\"id\":{token},\"msg\":1}}");
        await client.ExpectAsync($"{{\"topic\":\"t\",\"priority\":0,\"msg\":1,\"id\":{token}}}");
        await client.AskAsync($"ack t {text}", $"acknowledged ev_id={text}", "no available message");
    }

    [Fact]
    public async Task A_duplicate_id_never_stalls_and_an_ack_settles_the_oldest_delivery()
    {
        var client = await ConnectAsync("{\"meta\":true}");
        await SubscribeAsync(client, "t", "{\"window\":3}");
        await client.SendAsync([.. Enumerable.Repeat("pub t {\"id\":\"1\",\"msg\":\"m\"}", 3)]);
        for (var i = 1; i <= 3; i++)
        {
            Assert.Matches(EventWithMeta("t", "1", i, 1), await client.ReadAsync());
        }

        await client.AskAsync("ack t #2", "acknowledged 1");
        await client.AskAsync("ack t 1", "acknowledged ev_id=1");
        await client.AskAsync("ack t 1", "acknowledged ev_id=1", "no available message");
        await client.AskAsync("ack t 1", "no_event_error: 1");
    }

    [Fact]
    public async Task An_ack_of_what_is_not_in_flight_is_told()
    {
        var subscriber = await ConnectAsync();
        var publisher = await PublisherAsync();
        await SubscribeAsync(subscriber, "t");
        await PublishAsync(publisher, "t", "a", "b");
        await subscriber.ExpectAsync(Event("t", "a"));
        await subscriber.AskAsync("ack t b", "no_event_error: b");
        await subscriber.AskAsync("ack t nobody knows", "no_event_error: nobody knows");
        await subscriber.AskAsync("ack t a", "acknowledged ev_id=a", Event("t", "b"));
    }

    [Theory]
    [InlineData("ack t 1")]
    [InlineData("ack t #1-5")]
    [InlineData("nack t 1")]
    [InlineData("nack t #1 50")]
    [InlineData("unsub t")]
    [InlineData("dead t")]
    [InlineData("replay t")]
    [InlineData("discard t #3")]
    public async Task Who_is_no_subscriber_is_told(string line)
    {
        var client = await ConnectAsync();
        await client.AskAsync(line, "error: not a topic t subscriber");
    }

    [Fact]
    public async Task After_unsub_nothing_comes_and_a_new_subscription_begins_empty()
    {
        var subscriber = await ConnectAsync();
        var publisher = await PublisherAsync();
        await SubscribeAsync(subscriber, "t");
        await PublishAsync(publisher, "t", "a", "b");
        await subscriber.ExpectAsync(Event("t", "a"));
        await subscriber.AskAsync("unsub t", "successfully unsubscribe from topic t");
        await subscriber.AskAsync("unsub t", "error: not a topic t subscriber");
        await PublishAsync(publisher, "t", "c");
        await SubscribeAsync(subscriber, "t");
        await subscriber.ExpectNothingAsync();
        await PublishAsync(publisher, "t", "d");
        await subscriber.ExpectAsync(Event("t", "d"));
    }

    [Fact]
    public async Task Replies_come_in_the_order_of_the_commands_across_topics()
    {
        var client = await ConnectAsync("{\"confirm\":true}");
        var lines = new List<string>();
        for (var i = 0; i < 200; i++)
        {
            lines.Add(i % 5 == 4 ? "nonsense" : $"pub t{i % 7} {{\"id\":\"{i}\",\"msg\":0}}");
        }

        await client.SendAsync([.. lines]);
        for (var i = 0; i < 200; i++)
        {
            var reply = await client.ReadAsync();
            if (i % 5 == 4)
            {
                Assert.Equal("error: unknown command: [\"nonsense\"]", reply);
            }
            else
            {
                Assert.Matches($"^ok pub t{i % 7} [0-9]+ {i}$", reply);
            }
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public async Task A_burst_of_back_to_back_publishes_keeps_every_event(int count)
    {
        var subscriber = await ConnectAsync("{\"quiet\":true}");
        var publisher = await ConnectAsync();
        await SubscribeAsync(subscriber, "t", "{\"window\":100}");
        await publisher.SendAsync([.. Enumerable.Range(0, count).Select(i => $"pub t {{\"id\":\"{i}\",\"msg\":\"m\"}}")]);
        for (var i = 0; i < count; i++)
        {
            await subscriber.ExpectAsync(Event("t", $"{i}"));
            if (i % 50 == 49)
            {
                await subscriber.SendAsync($"ack t #{i - 48}-{i + 1}");
            }
        }

    }

    [Fact]
    public async Task Malformed_publishes_answer_and_harm_nobody()
    {
        var subscriber = await ConnectAsync();
        var publisher = await ConnectAsync("{\"confirm\":true}");
        await SubscribeAsync(subscriber, "t");
        foreach (var bad in new[] { "{}", "5", "\"x\"", "null", "[1]", "{\"id\":\"1\"}", "{\"id\":null,\"msg\":1}", "{\"id\":\"1\",\"msg\":1,\"priority\":null}", "{\"id\":\"1\",\"msg\":}" })
        {
            await publisher.SendAsync($"pub t {bad}");
            Assert.StartsWith("error: bad event: ", await publisher.ReadAsync(), StringComparison.Ordinal);
        }

        await PublishAsync(publisher, "t", "good");
        await subscriber.ExpectAsync(Event("t", "good"));
    }
}
