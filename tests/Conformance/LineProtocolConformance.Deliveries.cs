using System.Text.Json;
using Xunit;

namespace Rookery.Conformance;

/// <content>The life of a delivery.</content>
public abstract partial class LineProtocolConformance
{
    private static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task An_unnamed_subscription_ends_with_its_connection()
    {
        var publisher = await PublisherAsync();
        var client = await ConnectAsync();
        await SubscribeAsync(client, "t");
        await client.DisposeAsync();
        await PublishAsync(publisher, "t", "a");
        await EventuallyAsync(publisher, "t", stats => stats.GetProperty("subscriptions").GetArrayLength() == 0);
        var next = await ConnectAsync();
        await SubscribeAsync(next, "t");
        await next.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_reconnecting_named_subscriber_finds_its_queue_and_nobody_else_can()
    {
        var publisher = await PublisherAsync();
        var alice = await ConnectAsync("{\"as\":\"alice\"}");
        await SubscribeAsync(alice, "t");
        await PublishAsync(publisher, "t", "a", "b");
        await alice.ExpectAsync(Event("t", "a"));
        await alice.DisposeAsync();
        await PublishAsync(publisher, "t", "c");
        var stranger = await ConnectAsync("{\"as\":\"bob\"}");
        await SubscribeAsync(stranger, "t");
        await stranger.ExpectNothingAsync();
        var again = await ConnectAsync("{\"as\":\"alice\",\"meta\":true}");
        await SubscribeAsync(again, "t", "{\"window\":5}");
        Assert.Matches(EventWithMeta("t", "a", 1, 2), await again.ReadAsync());
        Assert.Matches(EventWithMeta("t", "b", 2, 1), await again.ReadAsync());
        Assert.Matches(EventWithMeta("t", "c", 3, 1), await again.ReadAsync());
    }

    [Fact]
    public async Task A_second_connection_with_the_same_name_takes_over_and_the_first_is_told()
    {
        var publisher = await PublisherAsync();
        var first = await ConnectAsync("{\"as\":\"alice\"}");
        await SubscribeAsync(first, "t");
        await PublishAsync(publisher, "t", "a");
        await first.ExpectAsync(Event("t", "a"));
        var second = await ConnectAsync("{\"as\":\"alice\",\"meta\":true}");
        Assert.Equal(["error: taken over by another connection"], await first.ReadToEndAsync());
        await SubscribeAsync(second, "t");
        Assert.Matches(EventWithMeta("t", "a", 1, 2), await second.ReadAsync());
        await second.AskAsync("ack t a", "acknowledged ev_id=a", "no available message");
    }

    [Fact]
    public async Task Members_of_a_group_share_its_events()
    {
        var publisher = await PublisherAsync();
        var one = await ConnectAsync();
        var two = await ConnectAsync();
        await SubscribeAsync(one, "t", "{\"group\":\"g\"}");
        await SubscribeAsync(two, "t", "{\"group\":\"g\"}");
        await PublishAsync(publisher, "t", "a", "b", "c");
        var (first, second) = (await one.ReadAsync(), await two.ReadAsync());
        Assert.Equal([Event("t", "a"), Event("t", "b")], new[] { first, second }.Order());
        await one.ExpectNothingAsync();
        await two.ExpectNothingAsync();

        // What the one that leaves had in flight goes to the other.
        var left = first == Event("t", "a") ? "a" : "b";
        var kept = left == "a" ? "b" : "a";
        await one.DisposeAsync();
        await EventuallyAsync(publisher, "t", stats => Number(stats.GetProperty("subscriptions")[0], "in_flight") == 1);
        await two.AskAsync($"ack t {kept}", $"acknowledged ev_id={kept}", Event("t", left));
        await two.AskAsync($"ack t {left}", $"acknowledged ev_id={left}", Event("t", "c"));
    }

    [Fact]
    public async Task A_delivery_whose_lease_ran_out_comes_again()
    {
        var client = await ConnectAsync("{\"meta\":true}");
        await SubscribeAsync(client, "t", "{\"lease_ms\":300}");
        await client.SendAsync("pub t {\"id\":\"a\",\"msg\":\"m\"}");
        Assert.Matches(EventWithMeta("t", "a", 1, 1), await client.ReadAsync());
        await _host.AdvanceAsync(Lease);
        Assert.Matches(EventWithMeta("t", "a", 1, 2), await client.ReadAsync());
        await client.AskAsync("ack t a", "acknowledged ev_id=a", "no available message");
        await _host.AdvanceAsync(Lease * 2);
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_returned_event_comes_again_in_its_old_place_after_its_delay()
    {
        var publisher = await PublisherAsync();
        var client = await ConnectAsync("{\"meta\":true}");
        await SubscribeAsync(client, "t");
        await PublishAsync(publisher, "t", "a", "b");
        Assert.Matches(EventWithMeta("t", "a", 1, 1), await client.ReadAsync());
        await client.AskAsync("nack t a", "returned ev_id=a");
        Assert.Matches(EventWithMeta("t", "a", 1, 2), await client.ReadAsync());
        await client.AskAsync("nack t #1 300", "returned ev_id=#1");
        Assert.Matches(EventWithMeta("t", "b", 2, 1), await client.ReadAsync());
        await client.AskAsync("nack t nobody", "no_event_error: nobody");
        await client.AskAsync("ack t b", "acknowledged ev_id=b");
        await _host.AdvanceAsync(Lease);
        Assert.Matches(EventWithMeta("t", "a", 1, 3), await client.ReadAsync());
    }

    [Fact]
    public async Task A_late_ack_counts_while_the_event_was_not_delivered_again()
    {
        var client = await ConnectAsync();
        await SubscribeAsync(client, "t");
        await client.SendAsync("pub t {\"id\":\"a\",\"msg\":\"m\"}");
        await client.ExpectAsync(Event("t", "a"));
        await client.AskAsync("nack t a 60000", "returned ev_id=a");
        await client.AskAsync("ack t a", "acknowledged ev_id=a", "no available message");
    }

    [Fact]
    public async Task A_named_client_that_comes_back_settles_what_it_had_without_subscribing_again()
    {
        var publisher = await PublisherAsync();
        var first = await ConnectAsync("{\"as\":\"alice\"}");
        await SubscribeAsync(first, "t", "{\"window\":2}");
        await PublishAsync(publisher, "t", "a", "b", "c");
        await first.ExpectAsync(Event("t", "a"), Event("t", "b"));
        await first.DisposeAsync();

        // Its events are given back when the server sees that it went.
        var second = await ConnectAsync("{\"as\":\"alice\"}");
        await second.AskAsync("ack t a", "acknowledged ev_id=a");
        await second.AskAsync("ack t #2", "acknowledged 1");
        await second.AskAsync("dead t", "ok dead 0");
        await SubscribeAsync(second, "t");
        await second.ExpectAsync(Event("t", "c"));
        await second.DisposeAsync();

        var third = await ConnectAsync("{\"as\":\"alice\"}");
        await third.AskAsync("unsub t", "successfully unsubscribe from topic t");
        await third.AskAsync("ack t c", "error: not a topic t subscriber");
        await SubscribeAsync(third, "t");
        await third.ExpectNothingAsync();
    }

    [Fact]
    public async Task Who_says_no_window_has_one_of_1_whatever_others_said()
    {
        var publisher = await PublisherAsync();
        var (one, two) = (await ConnectAsync(), await ConnectAsync());
        await SubscribeAsync(one, "t", "{\"group\":\"g\",\"window\":2}");
        await SubscribeAsync(two, "t", "{\"group\":\"g\"}");
        await PublishAsync(publisher, "t", "a", "b", "c", "d");
        await two.ReadAsync();
        await two.ExpectNothingAsync();
        await one.ReadAsync();
        await one.ReadAsync();
        await one.ExpectNothingAsync();
    }

    [Fact]
    public async Task After_its_tries_an_event_is_a_dead_letter_that_can_be_replayed_or_discarded()
    {
        var client = await ConnectAsync("{\"meta\":true}");
        await SubscribeAsync(client, "t", "{\"max_tries\":2}");
        await client.AskAsync("dead t", "ok dead 0");
        await client.SendAsync("pub t {\"id\":\"a\",\"msg\":\"m\"}");
        for (var tries = 1; tries <= 2; tries++)
        {
            Assert.Matches(EventWithMeta("t", "a", 1, tries), await client.ReadAsync());
            await client.AskAsync("nack t a", "returned ev_id=a");
        }

        await client.SendAsync("dead t");
        Assert.Matches("^{\"topic\":\"t\",\"priority\":0,\"msg\":\"m\",\"id\":\"a\",\"seq\":1,\"ts\":[0-9]{13},\"tries\":2,\"died\":[0-9]{13}}$", await client.ReadAsync());
        await client.ExpectAsync("ok dead 1");
        await client.AskAsync("replay t #1", "ok replay 1");
        Assert.Matches(EventWithMeta("t", "a", 1, 1), await client.ReadAsync());
        await client.AskAsync("nack t a", "returned ev_id=a");
        Assert.Matches(EventWithMeta("t", "a", 1, 2), await client.ReadAsync());
        await client.AskAsync("nack t a", "returned ev_id=a");
        await client.AskAsync("discard t #9", "no_event_error: #9");
        await client.AskAsync("discard t", "ok discard 1");
        await client.AskAsync("dead t", "ok dead 0");
    }

    [Fact]
    public async Task Dead_letters_of_anybody_are_listed_replayed_and_discarded_by_the_key_of_the_subscription()
    {
        var alice = await ConnectAsync("{\"as\":\"alice\",\"quiet\":true}");
        await SubscribeAsync(alice, "t", "{\"max_tries\":1,\"window\":10}");
        var publisher = await PublisherAsync();
        await PublishAsync(publisher, "t", "a", "b", "c");
        foreach (var id in new[] { "a", "b", "c" })
        {
            await alice.ExpectAsync(Event("t", id));
            await alice.SendAsync($"nack t {id}");
        }

        await alice.AskAsync("ping", "pong");
        var other = await ConnectAsync();
        await other.SendAsync("dead t {\"key\":\"client:alice\",\"limit\":2}");
        Assert.Contains("\"id\":\"a\",\"seq\":1,", await other.ReadAsync(), StringComparison.Ordinal);
        Assert.Contains("\"id\":\"b\",\"seq\":2,", await other.ReadAsync(), StringComparison.Ordinal);
        await other.ExpectAsync("ok dead 3");
        await other.AskAsync("replay t {\"key\":\"client:alice\",\"seq\":2}", "ok replay 1");
        await alice.ExpectAsync(Event("t", "b"));
        await other.AskAsync("replay t {\"key\":\"client:alice\",\"seq\":2}", "no_event_error: #2");
        await other.AskAsync("discard t {\"key\":\"client:alice\",\"seq\":1}", "ok discard 1");
        await other.AskAsync("discard t {\"key\":\"client:alice\"}", "ok discard 1");
        await alice.AskAsync("dead t {}", "ok dead 0");
        await other.AskAsync("dead t {\"key\":\"client:bob\"}", "error: no subscription client:bob of topic t");
        await other.AskAsync("replay t {\"key\":\"group:alice\"}", "error: no subscription group:alice of topic t");
        await other.AskAsync("discard t {\"seq\":1}", "error: not a topic t subscriber");
    }

    [Fact]
    public async Task An_event_whose_time_is_over_is_not_delivered()
    {
        var publisher = await PublisherAsync();
        var client = await ConnectAsync();
        await SubscribeAsync(client, "t");
        await publisher.AskAsync("pub t {\"id\":\"a\",\"msg\":\"m\"}", "ok pub t 1 a");
        await publisher.AskAsync("pub t {\"id\":\"brief\",\"msg\":\"m\",\"ttl_ms\":100}", "ok pub t 2 brief");
        await publisher.AskAsync("pub t {\"id\":\"c\",\"msg\":\"m\",\"ttl_ms\":0}", "ok pub t 3 c");
        await client.ExpectAsync(Event("t", "a"));
        await _host.AdvanceAsync(Lease);
        await client.AskAsync("ack t a", "acknowledged ev_id=a", Event("t", "c"));
    }

    private async Task EventuallyAsync(LineClient client, string topic, Predicate<JsonElement> holds)
    {
        for (var i = 0; ; i++)
        {
            if (holds(await JsonAsync(client, $"stats {topic}", "ok stats ")))
            {
                return;
            }

            Assert.True(i < 500, $"did not come true: {await JsonAsync(client, $"stats {topic}", "ok stats ")}");
            await _host.AdvanceAsync(TimeSpan.FromMilliseconds(10));
        }
    }
}
