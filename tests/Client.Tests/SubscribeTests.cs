using System.Text;
using System.Text.Json;

namespace Rookery.Client.Tests;

public sealed class SubscribeTests : IAsyncDisposable
{
    private readonly ScriptedBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task A_subscription_yields_what_is_pushed_with_all_its_fields()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscription = await SubscribeAsync(client, peer, "t");
        await peer.SayAsync("""{"topic":"t","priority":3,"msg":{"a":1},"id":7,"seq":12,"ts":1700000000123,"tries":2}""");
        await peer.PushAsync("t", 13, "\"t\\u00e9xt \\\"x\\\"\"");

        await using var events = subscription.GetAsyncEnumerator();
        var first = await NextAsync(events);
        Assert.Equal(("t", "7", 12L, 3, 2), (first.Topic, first.Id, first.Sequence, first.Priority, first.Tries));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1700000000123), first.PublishedAt);
        Assert.Equal("{\"a\":1}", Encoding.UTF8.GetString(first.Message.Span));
        Assert.Equal("{\"a\":1}", first.Text);
        Assert.Equal(1, first.Deserialize<Dictionary<string, int>>()!["a"]);
        Assert.Equal("téxt \"x\"", (await NextAsync(events)).Text);
    }

    [Theory]
    [InlineData("""\ud800""", "\ufffd")]
    [InlineData("""\udc00 \ud83d!""", "\ufffd \ufffd!")]
    [InlineData("""\ud83d\ud83d\udc26""", "\ufffd🐦")]
    [InlineData("""\"\\\/\b\f\n\r\t\u0041\u00E9é🐦""", "\"\\/\b\f\n\r\tAéé🐦")]
    public async Task Text_that_is_no_Unicode_is_read_with_a_mark_in_its_place(string escaped, string text)
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        await using var events = (await SubscribeAsync(client, peer, "t")).GetAsyncEnumerator();
        await peer.PushAsync("t", 1, $"\"{escaped}\"");
        var received = await NextAsync(events);
        Assert.Equal(text, received.Text);
        Assert.Equal($"\"{escaped}\"", Encoding.UTF8.GetString(received.Message.Span));
    }

    [Fact]
    public async Task Every_option_is_told_to_the_broker()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var options = new SubscribeOptions { Window = 9, From = StartFrom.Sequence(5), LeaseMs = 100, MaxTries = 3, Group = "g" };
        var subscribing = client.SubscribeAsync("t", options);
        Assert.Equal("""sub t {"window":9,"from":5,"lease_ms":100,"max_tries":3,"group":"g"}""", await peer.NextAsync());
        await peer.SayAsync("successfully subscribed to topic t");
        Assert.True((await subscribing).IsDurable);
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.SubscribeAsync("t"));
    }

    [Fact]
    public async Task A_dropped_topic_ends_the_subscription_in_words_and_nothing_else()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscription = await SubscribeAsync(client, peer, "t");
        await peer.SayAsync("notice: topic t was dropped, and the subscription to it ended");
        await using var events = subscription.GetAsyncEnumerator();
        var dropped = await Assert.ThrowsAsync<TopicDroppedException>(() => NextAsync(events));
        Assert.Equal("topic t was dropped, and the subscription to it ended", dropped.Message);

        // It answered no command, and the topic can be subscribed to again.
        var again = await SubscribeAsync(client, peer, "t");
        await peer.PushAsync("t", 1, "1");
        await using var more = again.GetAsyncEnumerator();
        Assert.Equal("1", (await NextAsync(more)).Text);
    }

    [Fact]
    public async Task A_refused_subscription_is_told_and_can_be_tried_again()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscribing = client.SubscribeAsync("t");
        await peer.NextAsync();
        await peer.SayAsync("error: too many topics: 10 are allowed");
        Assert.Equal("too many topics: 10 are allowed", (await Assert.ThrowsAsync<RookeryException>(() => subscribing)).Message);
        await SubscribeAsync(client, peer, "t");
    }

    [Fact]
    public async Task An_event_is_acknowledged_when_the_next_is_asked_for()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscription = await SubscribeAsync(client, peer, "t", new SubscribeOptions { Window = 1 });
        await using var events = subscription.GetAsyncEnumerator();
        await peer.PushAsync("t", 1);
        var moving = events.MoveNextAsync().AsTask();
        for (var seq = 1; seq <= 3; seq++)
        {
            Assert.True(await moving.WaitAsync(ScriptedBroker.Deadline));
            Assert.Equal(seq, events.Current.Sequence);

            // Nothing was sent before the ping: the event in hand is not acknowledged.
            var ping = client.PingAsync();
            await peer.ExpectAsync("ping");
            await peer.SayAsync("pong");
            await ping;

            moving = events.MoveNextAsync().AsTask();
            Assert.Equal($"ack t #{seq}", await peer.NextAsync());
            await peer.SayAsync("acknowledged 1");
            await peer.PushAsync("t", seq + 1);
        }

        Assert.True(await moving.WaitAsync(ScriptedBroker.Deadline));
    }

    [Fact]
    public async Task Acknowledgements_go_together_as_ranges()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { AckDelay = TimeSpan.FromSeconds(30) });
        await using var _ = client;
        var subscription = await SubscribeAsync(client, peer, "t", new SubscribeOptions { Window = 100, AutoAck = false });
        await using var events = subscription.GetAsyncEnumerator();
        long[] order = [3, 1, 2, 7, 5, 9];
        foreach (var seq in order)
        {
            await peer.PushAsync("t", seq);
        }

        var received = new List<ReceivedEvent>();
        foreach (var seq in order)
        {
            received.Add(await NextAsync(events));
        }

        received[..^1].ForEach(subscription.Ack);
        var done = subscription.AckAsync(received[^1]);
        Assert.Equal("ack t #1-3,#5,#7,#9", await peer.NextAsync());
        Assert.False(done.IsCompleted);
        await peer.SayAsync("acknowledged 6");
        await done.WaitAsync(ScriptedBroker.Deadline);
        await subscription.AckAsync(received[0]);
    }

    [Fact]
    public async Task Very_many_acknowledgements_are_split_into_lines_of_bounded_length()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { AckDelay = TimeSpan.FromSeconds(30) });
        await using var _ = client;
        var subscription = await SubscribeAsync(client, peer, "t", new SubscribeOptions { Window = 20_000, AutoAck = false });
        await using var events = subscription.GetAsyncEnumerator();
        for (var n = 0; n < 2500; n++)
        {
            await peer.PushAsync("t", 1_000_000_000_000 + (2 * n));
        }

        var received = new List<ReceivedEvent>();
        for (var n = 0; n < 2500; n++)
        {
            received.Add(await NextAsync(events));
        }

        await peer.SayAsync("no available message");
        var done = Task.WhenAll(received.Select(e => subscription.AckAsync(e)));
        Assert.Equal(2500, (await peer.AcksAsync("t", 2500)).Distinct().Count());
        await done.WaitAsync(ScriptedBroker.Deadline);
    }

    [Fact]
    public async Task A_slow_consumer_holds_no_more_than_the_window_and_loses_nothing()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscription = await SubscribeAsync(client, peer, "t", new SubscribeOptions { Window = 4 });
        var next = 1L;
        for (; next <= 4; next++)
        {
            await peer.PushAsync("t", next);
        }

        var consuming = Task.Run(async () =>
        {
            var seen = new List<long>();
            await foreach (var e in subscription)
            {
                seen.Add(e.Sequence);
                await Task.Yield();
                if (seen.Count == 40)
                {
                    await subscription.AckAsync(e);
                    break;
                }
            }

            return seen;
        });
        for (var acknowledged = 0; acknowledged < 40;)
        {
            var numbers = Peer.Numbers(await peer.ExpectAsync("ack t "));
            acknowledged += numbers.Count;
            await peer.SayAsync($"acknowledged {numbers.Count}");
            for (var n = 0; n < numbers.Count && next <= 40; n++)
            {
                await peer.PushAsync("t", next++);
            }
        }

        Assert.Equal(Enumerable.Range(1, 40).Select(n => (long)n), await consuming.WaitAsync(ScriptedBroker.Deadline));
    }

    [Fact]
    public async Task A_broker_that_sends_more_than_the_window_is_not_believed()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        await SubscribeAsync(client, peer, "t", new SubscribeOptions { Window = 2 });
        await peer.PushAsync("t", 1);
        await peer.PushAsync("t", 2);
        await peer.PushAsync("t", 3);
        var next = await _broker.WelcomeAsync();
        await next.ExpectAsync("sub t ");
    }

    [Fact]
    public async Task Giving_back_names_event_and_delay_and_settles_it_for_automatic_acknowledgement()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscription = await SubscribeAsync(client, peer, "t", new SubscribeOptions { Window = 1 });
        await using var events = subscription.GetAsyncEnumerator();
        await peer.PushAsync("t", 1);
        var first = await NextAsync(events);
        var nack = subscription.NackAsync(first, TimeSpan.FromMilliseconds(250));
        Assert.Equal("nack t #1 250", await peer.NextAsync());
        await peer.SayAsync("returned ev_id=id1");
        await nack;
        await subscription.NackAsync(first);

        await peer.PushAsync("t", 1, tries: 2);
        var again = await NextAsync(events);
        Assert.Equal(2, again.Tries);
        var moving = events.MoveNextAsync();
        Assert.Equal("ack t #1", await peer.NextAsync());
        await peer.SayAsync("acknowledged 1");
        await peer.PushAsync("t", 2);
        Assert.True(await moving);

        var gone = subscription.NackAsync(events.Current);
        Assert.Equal("nack t #2", await peer.NextAsync());
        await peer.SayAsync("no_event_error: #2");
        await gone;
    }

    [Fact]
    public async Task Unsubscribing_sends_the_acknowledgements_first_and_ends_the_enumeration()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { AckDelay = TimeSpan.FromSeconds(30) });
        await using var _ = client;
        var subscription = await SubscribeAsync(client, peer, "t", new SubscribeOptions { AutoAck = false });
        await using var events = subscription.GetAsyncEnumerator();
        await peer.PushAsync("t", 1);
        subscription.Ack(await NextAsync(events));
        var leaving = subscription.UnsubscribeAsync();
        Assert.Equal("ack t #1", await peer.NextAsync());
        Assert.Equal("unsub t", await peer.NextAsync());
        await peer.SayRawAsync("acknowledged 1\r\nsuccessfully unsubscribe from topic t\r\n");
        await leaving.WaitAsync(ScriptedBroker.Deadline);
        Assert.False(await events.MoveNextAsync());
        await SubscribeAsync(client, peer, "t");
    }

    [Fact]
    public async Task Cancelling_ends_the_enumeration_and_another_one_goes_on()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscription = await SubscribeAsync(client, peer, "t");
        using var cancel = new CancellationTokenSource();
        await using (var events = subscription.GetAsyncEnumerator(cancel.Token))
        {
            var moving = events.MoveNextAsync().AsTask();
            await Assert.ThrowsAsync<InvalidOperationException>(() => subscription.GetAsyncEnumerator().MoveNextAsync().AsTask());
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => moving);
        }

        await using var later = subscription.GetAsyncEnumerator();
        var waiting = later.MoveNextAsync();
        await peer.PushAsync("t", 1);
        Assert.True(await waiting);
    }

    [Fact]
    public async Task Cancelling_a_subscribe_that_was_sent_takes_it_back()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        using var cancel = new CancellationTokenSource();
        var subscribing = client.SubscribeAsync("t", null, cancel.Token);
        await peer.ExpectAsync("sub t ");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => subscribing);
        Assert.Equal("unsub t", await peer.NextAsync());
        await peer.SayRawAsync("successfully subscribed to topic t\r\nsuccessfully unsubscribe from topic t\r\n");
        var ping = client.PingAsync();
        await peer.ExpectAsync("ping");
        await peer.SayAsync("pong");
        await ping;
        await SubscribeAsync(client, peer, "t");
    }

    [Fact]
    public async Task Disposing_ends_a_busy_enumeration_quietly_and_sends_what_was_acknowledged()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { AckDelay = TimeSpan.FromSeconds(30), CloseTimeout = ScriptedBroker.Deadline });
        var subscription = await SubscribeAsync(client, peer, "t", new SubscribeOptions { AutoAck = false });
        var received = new TaskCompletionSource();
        var consuming = Task.Run(async () =>
        {
            var count = 0;
            await foreach (var e in subscription)
            {
                subscription.Ack(e);
                count++;
                received.TrySetResult();
            }

            return count;
        });
        await peer.PushAsync("t", 1);
        await received.Task.WaitAsync(ScriptedBroker.Deadline);
        var disposing = client.DisposeAsync().AsTask();
        Assert.Equal("ack t #1", await peer.NextAsync());
        await peer.SayAsync("acknowledged 1");
        await peer.ExpectAsync("ping");
        await peer.SayAsync("pong");
        await disposing.WaitAsync(ScriptedBroker.Deadline);
        Assert.Equal(1, await consuming.WaitAsync(ScriptedBroker.Deadline));
    }

    [Fact]
    public async Task Several_topics_share_a_connection()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var a = await SubscribeAsync(client, peer, "a");
        var b = await SubscribeAsync(client, peer, "b");
        await peer.PushAsync("b", 1);
        await peer.PushAsync("a", 2);
        await peer.PushAsync("unknown", 3);
        await using var fromA = a.GetAsyncEnumerator();
        await using var fromB = b.GetAsyncEnumerator();
        Assert.Equal(2, (await NextAsync(fromA)).Sequence);
        Assert.Equal(1, (await NextAsync(fromB)).Sequence);
    }

    [Theory]
    [InlineData("new", "\"new\"")]
    [InlineData("start", "\"start\"")]
    [InlineData("17", "17")]
    [InlineData("2026-01-31T12:00:00+01:00", "\"2026-01-31T11:00:00.000Z\"")]
    public void A_place_to_start_from_is_read_and_told(string text, string told)
    {
        var line = Encoding.UTF8.GetString(Lines.Subscribe("t", new SubscribeOptions(), StartFrom.Parse(text)));
        Assert.Equal($$"""{"window":256,"from":{{told}}}""", line["sub t ".Length..].TrimEnd());
        JsonDocument.Parse(line["sub t ".Length..]).Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("yesterday")]
    [InlineData("Tuesday")]
    public void What_is_no_place_to_start_from_is_refused(string text) => Assert.Throws<FormatException>(() => StartFrom.Parse(text));

    internal static async Task<Subscription> SubscribeAsync(RookeryClient client, Peer peer, string topic, SubscribeOptions? options = null)
    {
        var subscribing = client.SubscribeAsync(topic, options);
        await peer.ExpectAsync($"sub {topic} ");
        await peer.SayAsync($"successfully subscribed to topic {topic}");
        return await subscribing.WaitAsync(ScriptedBroker.Deadline);
    }

    internal static async Task<ReceivedEvent> NextAsync(IAsyncEnumerator<ReceivedEvent> events)
    {
        Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(ScriptedBroker.Deadline));
        return events.Current;
    }
}
