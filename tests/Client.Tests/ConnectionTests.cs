using System.Text.Json;

namespace Rookery.Client.Tests;

public sealed class ConnectionTests : IAsyncDisposable
{
    private readonly ScriptedBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Nobody_listening_is_told_with_address()
    {
        _broker.StopListening();
        var port = 1;
        var error = await Assert.ThrowsAsync<RookeryConnectionException>(() => RookeryClient.ConnectAsync(new RookeryClientOptions { Port = port }));
        Assert.StartsWith($"cannot connect to 127.0.0.1:{port}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_hello_is_told_in_the_brokers_words()
    {
        var connecting = RookeryClient.ConnectAsync(_broker.Options);
        var peer = await _broker.AcceptAsync();
        await peer.SayAsync("Successfully connected to message_broker");
        await peer.ExpectAsync("hello ");
        await peer.SayAsync("error: hello needs a token");
        var error = await Assert.ThrowsAsync<RookeryException>(() => connecting);
        Assert.Equal("hello needs a token", error.Message);
    }

    [Theory]
    [InlineData("a token is missing: hello {\"token\":\"...\"} comes first")]
    [InlineData("the token is not known; closing")]
    public async Task A_refused_token_is_told_and_a_client_that_has_it_no_more_does_not_ask_again(string said)
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { Token = "old" });
        await using var _ = client;
        var publishing = client.PublishAsync("t", "1", "1"u8.ToArray()).AsTask();
        peer.Close();
        var next = await _broker.AcceptAsync();
        await next.SayAsync("Successfully connected to message_broker");
        await next.ExpectAsync("hello ");
        await next.SayAsync($"error: {said}");
        await Assert.ThrowsAnyAsync<RookeryException>(() => publishing.WaitAsync(ScriptedBroker.Deadline));
        var error = await Assert.ThrowsAsync<AccessDeniedException>(() => client.PingAsync().WaitAsync(ScriptedBroker.Deadline));
        Assert.Equal(said, error.Message);
    }

    [Fact]
    public async Task A_server_that_is_full_says_so_instead_of_its_greeting()
    {
        var connecting = RookeryClient.ConnectAsync(_broker.Options);
        await (await _broker.AcceptAsync()).SayAsync("error: too many connections: at most 1 are allowed");
        var error = await Assert.ThrowsAsync<RookeryException>(() => connecting);
        Assert.Equal("too many connections: at most 1 are allowed", error.Message);
    }

    [Fact]
    public async Task A_farewell_is_no_reply_to_what_is_under_way()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { Producer = "p" });
        await using var _ = client;
        var publishing = client.PublishAsync("t", "1", "1"u8.ToArray()).AsTask();
        await peer.ExpectAsync("pub ");
        await peer.SayAsync("error: shutting down");
        peer.Close();
        var next = await _broker.WelcomeAsync();
        await next.ExpectAsync("pub ");
        await next.SayAsync("ok pub t 1 1");
        Assert.Equal(1, (await publishing.WaitAsync(ScriptedBroker.Deadline)).Sequence);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up_after_the_timeout()
    {
        var connecting = RookeryClient.ConnectAsync(_broker.Options with { ConnectTimeout = TimeSpan.FromMilliseconds(50) });
        await _broker.AcceptAsync();
        var error = await Assert.ThrowsAsync<RookeryConnectionException>(() => connecting);
        Assert.Contains("within 0.05 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_hangs_up_before_it_answers_is_told()
    {
        var connecting = RookeryClient.ConnectAsync(_broker.Options);
        (await _broker.AcceptAsync()).Close();
        await Assert.ThrowsAsync<RookeryConnectionException>(() => connecting);
    }

    [Fact]
    public async Task Questions_return_the_brokers_documents()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var topics = client.TopicsAsync();
        await peer.ExpectAsync("topics");
        await peer.SayAsync("ok topics [\"a\",\"b\"]");
        Assert.Equal(2, (await topics).RootElement.GetArrayLength());
        var stats = client.StatsAsync("a");
        Assert.Equal("stats a", await peer.NextAsync());
        await peer.SayAsync("ok stats {\"topic\":\"a\"}");
        Assert.Equal("a", (await stats).RootElement.GetProperty("topic").GetString());
        var none = client.StatsAsync("zz");
        await peer.NextAsync();
        await peer.SayAsync("error: no such topic: zz");
        var error = await Assert.ThrowsAsync<RookeryException>(() => none);
        Assert.Equal("no such topic: zz", error.Message);
    }

    [Fact]
    public async Task Errors_belong_to_the_command_whose_turn_it_is_though_events_stand_between()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscribing = client.SubscribeAsync("t");
        await peer.ExpectAsync("sub t ");
        await peer.SayAsync("successfully subscribed to topic t");
        await subscribing;

        var publish = client.PublishAsync("t", "1", "1"u8.ToArray()).AsTask();
        var stats = client.StatsAsync("t");
        var ping = client.PingAsync();
        await peer.NextAsync();
        await peer.NextAsync();
        await peer.NextAsync();
        await peer.PushAsync("t", 1);
        await peer.SayAsync("error: topic t is full: 10 events");
        await peer.PushAsync("t", 2);
        await peer.SayAsync("error: not now");
        await peer.SayAsync("no available message");
        await peer.SayAsync("pong");

        Assert.Equal("topic t is full: 10 events", (await Assert.ThrowsAsync<RookeryException>(() => publish)).Message);
        Assert.Equal("not now", (await Assert.ThrowsAsync<RookeryException>(() => stats)).Message);
        await ping.WaitAsync(ScriptedBroker.Deadline);
    }

    [Fact]
    public async Task A_silent_connection_is_asked_for_a_sign_of_life_and_then_replaced()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { Heartbeat = TimeSpan.FromMilliseconds(100) });
        await using var _ = client;
        await peer.ExpectAsync("ping");
        var next = await _broker.WelcomeAsync();
        await next.ExpectAsync("ping");
        await next.SayAsync("pong");
        await next.ExpectAsync("ping");
    }

    [Fact]
    public async Task Reconnecting_is_told_with_reason_and_pause_and_given_up_at_the_limit()
    {
        var changes = new List<ConnectionChange>();
        var (client, peer) = await _broker.ConnectAsync(o => o with
        {
            GiveUpAfter = TimeSpan.FromMilliseconds(100),
            ReconnectMin = TimeSpan.FromMilliseconds(10),
            ConnectionChanged = changes.Add,
        });
        await using var _ = client;
        var subscribing = client.SubscribeAsync("t");
        await peer.NextAsync();
        await peer.SayAsync("successfully subscribed to topic t");
        var subscription = await subscribing;

        _broker.StopListening();
        await peer.SayAsync("error: shutting down");
        peer.Close();

        var error = await Assert.ThrowsAsync<RookeryConnectionException>(async () =>
        {
            await foreach (var __ in subscription)
            {
            }
        });
        Assert.StartsWith("gave up reconnecting after 0.1 s: cannot connect to", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RookeryConnectionException>(() => client.PublishAsync("t", "1", "1"u8.ToArray()).AsTask());
        await client.DisposeAsync();
        Assert.Equal(ConnectionState.Connected, changes[0].State);
        Assert.Equal(ConnectionState.Reconnecting, changes[1].State);
        Assert.Contains("shutting down", changes[1].Reason!.Message, StringComparison.Ordinal);
        Assert.InRange(changes[1].RetryIn.TotalMilliseconds, 7, 10);
        Assert.Equal(ConnectionState.Closed, changes[^1].State);
    }

    [Fact]
    public async Task A_line_beyond_the_limit_ends_the_connection()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { MaxLineBytes = 2000 });
        await using var _ = client;
        await peer.SayRawAsync(new string('x', 3000));
        await _broker.WelcomeAsync();
    }

    [Fact]
    public void Pauses_double_up_to_the_most_and_a_part_of_them_is_drawn()
    {
        var exact = new BackOff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), 0);
        Assert.Equal([100, 200, 400, 800, 1000, 1000], Enumerable.Range(0, 6).Select(_ => exact.Next().TotalMilliseconds));
        exact.Reset();
        Assert.Equal(100, exact.Next().TotalMilliseconds);
        var drawn = new BackOff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), 0.5);
        Assert.InRange(drawn.Next().TotalMilliseconds, 50, 100);
        for (var n = 0; n < 2000; n++)
        {
            Assert.InRange(drawn.Next().TotalMilliseconds, 50, 1000);
        }

        Assert.InRange(drawn.Next().TotalMilliseconds, 500, 1000);
    }

    [Fact]
    public async Task A_line_that_is_no_event_ends_the_connection_rather_than_the_program()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscribing = client.SubscribeAsync("t");
        await peer.NextAsync();
        await peer.SayAsync("successfully subscribed to topic t");
        await subscribing;
        await peer.SayAsync("{\"topic\":\"t\",\"msg\":");
        var next = await _broker.WelcomeAsync();
        await next.ExpectAsync("sub t ");
    }

    [Fact]
    public void An_event_is_read_whatever_the_order_of_its_fields()
    {
        var line = "{\"topic\":\"t\",\"tries\":2,\"id\":12.50,\"new\":[{}],\"seq\":9,\"msg\":{\"a\":[1,\"}\"]},\"ts\":5,\"priority\":-1}"u8;
        var fields = EventFields.Parse(line);
        Assert.Equal("12.50", fields.Id);
        Assert.Equal((9, -1, 2, 5), (fields.Sequence, fields.Priority, fields.Tries, fields.PublishedAt));
        Assert.Equal("{\"a\":[1,\"}\"]}"u8.ToArray(), line[fields.Message].ToArray());
        Assert.Equal("t"u8.ToArray(), EventFields.TopicOf(line).ToArray());
        Assert.Throws<RookeryConnectionException>(() => EventFields.Parse("{\"topic\":\"t\",\"id\":\"1\"}"u8));
        Assert.Throws<RookeryConnectionException>(() => EventFields.Parse("{\"topic\":\"t\",\"seq\":\"x\"}"u8));
        Assert.IsType<JsonException>(Assert.Throws<RookeryConnectionException>(() => EventFields.Parse("{]"u8)).InnerException, exactMatch: false);
    }
}
