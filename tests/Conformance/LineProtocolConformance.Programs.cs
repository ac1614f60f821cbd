using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Rookery.Conformance;

/// <content>What <c>hello</c> turns on, and the commands for programs.</content>
public abstract partial class LineProtocolConformance
{
    [Fact]
    public async Task A_confirmed_publish_names_topic_number_and_id()
    {
        var client = await PublisherAsync();
        await client.AskAsync("pub t {\"id\":\"a b\",\"msg\":0}", "ok pub t 1 a b");
        await client.AskAsync("pub t {\"id\":7,\"msg\":0}", "ok pub t 2 7");
        await client.AskAsync("pub u {\"id\":\"\\u0061\",\"msg\":0}", "ok pub u 1 a");
    }

    [Fact]
    public async Task A_dropped_topic_ends_with_all_that_is_in_it_and_its_subscribers_are_told()
    {
        var (alice, other, admin) = (await ConnectAsync("{\"as\":\"alice\"}"), await ConnectAsync(), await PublisherAsync());
        await SubscribeAsync(alice, "t");
        await SubscribeAsync(other, "t");
        await PublishAsync(admin, "t", "a");
        await alice.ExpectAsync(Event("t", "a"));
        await other.ExpectAsync(Event("t", "a"));
        await admin.AskAsync("drop t", "ok drop 1");
        foreach (var client in new[] { alice, other })
        {
            await client.ExpectAsync("notice: topic t was dropped, and the subscription to it ended");
            await client.AskAsync("ack t a", "error: not a topic t subscriber");
        }

        // Nothing is left of it but how far it had counted.
        await admin.AskAsync("stats t", "error: no topic t");
        await SubscribeAsync(alice, "t", "{\"from\":\"start\"}");
        await admin.AskAsync("pub t {\"id\":\"b\",\"msg\":\"m\"}", "ok pub t 2 b");
        await alice.ExpectAsync(Event("t", "b"));
        await other.ExpectNothingAsync();
        await admin.AskAsync("drop nothing-of-the-kind", "error: no topic nothing-of-the-kind");
    }

    [Fact]
    public async Task Hello_starts_no_delivery()
    {
        var first = await ConnectAsync("{\"as\":\"alice\"}");
        await SubscribeAsync(first, "t");
        await first.DisposeAsync();
        await PublishAsync(await PublisherAsync(), "t", "a");
        var second = await ConnectAsync("{\"as\":\"alice\"}");
        await second.ExpectNothingAsync();
        await SubscribeAsync(second, "t");
        await second.ExpectAsync(Event("t", "a"));
    }

    [Fact]
    public async Task A_quiet_client_hears_only_of_failures()
    {
        var client = await ConnectAsync("{\"quiet\":true}");
        await SubscribeAsync(client, "t");
        await client.SendAsync("pub t {\"id\":\"a\",\"msg\":\"m\"}");
        await client.ExpectAsync(Event("t", "a"));
        await client.SendAsync("ack t a", "ack t a");
        await client.ExpectAsync("no_event_error: a");
        await client.SendAsync("pub t {\"id\":\"b\",\"msg\":\"m\"}");
        await client.ExpectAsync(Event("t", "b"));
        await client.SendAsync("nack t b");
        await client.ExpectAsync(Event("t", "b"));
    }

    [Fact]
    public async Task Meta_puts_number_time_and_tries_at_the_end()
    {
        var client = await ConnectAsync("{\"meta\":true}");
        await SubscribeAsync(client, "t");
        await client.SendAsync("pub t {\"id\":\"a\",\"msg\":\"m\"}");
        Assert.Matches(EventWithMeta("t", "a", 1, 1), await client.ReadAsync());
        await client.SendAsync("nack t #1");
        await client.ExpectAsync("returned ev_id=#1");
        Assert.Matches(EventWithMeta("t", "a", 1, 2), await client.ReadAsync());
    }

    [Fact]
    public async Task A_producers_repeat_is_confirmed_again_and_not_stored_again()
    {
        const string Hello = "{\"confirm\":true,\"producer\":\"p\"}";
        var subscriber = await ConnectAsync();
        await SubscribeAsync(subscriber, "t", "{\"window\":9}");
        var publisher = await ConnectAsync(Hello);
        await publisher.AskAsync("pub t {\"id\":\"a\",\"msg\":\"m\",\"n\":1}", "ok pub t 1 a");
        await publisher.AskAsync("pub t {\"id\":\"b\",\"msg\":\"m\",\"n\":2}", "ok pub t 2 b");
        await publisher.DisposeAsync();
        var again = await ConnectAsync(Hello);
        await again.SendAsync("pub t {\"id\":\"b\",\"msg\":\"m\",\"n\":2}");
        Assert.Matches("^ok pub t [02] b$", await again.ReadAsync());
        await again.AskAsync("pub t {\"id\":\"c\",\"msg\":\"m\",\"n\":3}", "ok pub t 3 c");
        await subscriber.ExpectAsync(Event("t", "a"), Event("t", "b"), Event("t", "c"));
        await subscriber.ExpectNothingAsync();
    }

    [Fact]
    public async Task Without_a_producers_name_n_is_a_field_like_any_other()
    {
        var client = await PublisherAsync();
        await client.AskAsync("pub t {\"id\":\"a\",\"msg\":0,\"n\":\"x\"}", "ok pub t 1 a");
        await client.AskAsync("pub t {\"id\":\"a\",\"msg\":0,\"n\":1}", "ok pub t 2 a");
        await client.AskAsync("pub t {\"id\":\"a\",\"msg\":0,\"n\":1}", "ok pub t 3 a");
    }

    [Fact]
    public async Task The_window_is_as_large_as_asked_and_can_be_changed()
    {
        var client = await ConnectAsync();
        var publisher = await PublisherAsync();
        await SubscribeAsync(client, "t", "{\"window\":2}");
        await PublishAsync(publisher, "t", "a", "b", "c", "d");
        await client.ExpectAsync(Event("t", "a"), Event("t", "b"));
        await client.ExpectNothingAsync();
        await SubscribeAsync(client, "t", "{\"window\":3}");
        await client.ExpectAsync(Event("t", "c"));
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task Ranges_and_lists_settle_all_that_are_in_flight_among_them()
    {
        var client = await ConnectAsync();
        var publisher = await PublisherAsync();
        await SubscribeAsync(client, "t", "{\"window\":10}");
        await PublishAsync(publisher, "t", [.. Enumerable.Range(1, 12).Select(i => $"{i}")]);
        await client.ExpectAsync([.. Enumerable.Range(1, 10).Select(i => Event("t", $"{i}"))]);
        await client.AskAsync("ack t #2", "acknowledged 1", Event("t", "11"));
        await client.AskAsync("ack t #1-3,#5,#4-6,#100-200", "acknowledged 5", Event("t", "12"));
        await client.AskAsync("ack t #1-6", "acknowledged 0");
        await client.AskAsync("ack t #1-9223372036854775807", "acknowledged 6");
        await client.ExpectNothingAsync();
    }

    [Theory]
    [InlineData("\"start\"", 1)]
    [InlineData("3", 3)]
    [InlineData("\"2001-01-01T00:00:00Z\"", 1)]
    [InlineData("\"2001-01-01t00:00:00.5+02:00\"", 1)]
    [InlineData("\"new\"", 6)]
    [InlineData("99", 6)]
    [InlineData("\"2999-01-01T00:00:00Z\"", 6)]
    public async Task A_new_subscription_begins_where_it_asks(string from, int first)
    {
        var publisher = await PublisherAsync();
        await PublishAsync(publisher, "t", "1", "2", "3", "4", "5");
        var client = await ConnectAsync();
        await SubscribeAsync(client, "t", $"{{\"window\":9,\"from\":{from}}}");
        await client.ExpectAsync([.. Enumerable.Range(first, 6 - first).Select(i => Event("t", $"{i}"))]);
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task From_counts_only_for_a_new_subscription()
    {
        var publisher = await PublisherAsync();
        await PublishAsync(publisher, "t", "1");
        var client = await ConnectAsync();
        await SubscribeAsync(client, "t");
        await SubscribeAsync(client, "t", "{\"from\":\"start\"}");
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task Topics_and_stats_answer_in_JSON()
    {
        var client = await ConnectAsync();
        await client.AskAsync("stats nowhere", "error: no topic nowhere");
        await PublishAsync(await PublisherAsync(), "t", "a", "b");
        await SubscribeAsync(client, "t");
        var topics = await JsonAsync(client, "topics", "ok topics ");
        Assert.Equal("t", topics.EnumerateArray().Single(t => t.GetProperty("seq").GetInt64() == 2).GetProperty("topic").GetString());
        var topic = await JsonAsync(client, "stats t", "ok stats ");
        Assert.Equal(1, topic.GetProperty("subscriptions").GetArrayLength());
        var all = await JsonAsync(client, "stats", "ok stats ");
        Assert.Equal(2, all.GetProperty("connections").GetInt32());
        Assert.Equal(2, all.GetProperty("published").GetInt64());
    }

    [Fact]
    public async Task Ping_help_and_quit()
    {
        var client = await ConnectAsync();
        await client.AskAsync("ping", "pong");
        await client.SendAsync("help");
        string line;
        var commands = new List<string>();
        while ((line = await client.ReadAsync()) != "ok help")
        {
            commands.Add(line.Split(' ')[0]);
        }

        Assert.Superset(new HashSet<string>(["pub", "sub", "unsub", "ack", "nack", "dead", "replay", "discard", "topics", "stats", "hello", "ping", "help", "quit"]), commands.ToHashSet());
        await client.SendAsync("quit", "ping");
        Assert.Equal(["bye"], await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Nothing_follows_bye()
    {
        var client = await ConnectAsync();
        await SubscribeAsync(client, "t", "{\"window\":100}");
        await client.SendAsync([.. Enumerable.Range(1, 50).Select(i => $"pub t {{\"id\":\"{i}\",\"msg\":\"m\"}}"), "quit"]);
        Assert.Equal("bye", (await client.ReadToEndAsync())[^1]);
    }

    private static async Task<JsonElement> JsonAsync(LineClient client, string command, string prefix)
    {
        await client.SendAsync(command);
        var reply = await client.ReadAsync();
        Assert.StartsWith(prefix, reply, StringComparison.Ordinal);
        return JsonDocument.Parse(reply[prefix.Length..]).RootElement;
    }

    private static long Number(JsonElement element, string name) => Convert.ToInt64(element.GetProperty(name).ToString(), CultureInfo.InvariantCulture);
}
