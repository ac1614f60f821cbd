using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rookery.Client.Tests;

public sealed class PublishTests : IAsyncDisposable
{
    private readonly ScriptedBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Hello_tells_who_the_client_is_and_asks_for_confirms_and_meta()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { Name = "ali\"ce", Token = "t", Producer = "p" });
        await using var _ = client;

        var hello = JsonDocument.Parse(peer.Hello["hello ".Length..]).RootElement;
        Assert.Equal("ali\"ce", hello.GetProperty("as").GetString());
        Assert.Equal("t", hello.GetProperty("token").GetString());
        Assert.Equal("p", hello.GetProperty("producer").GetString());
        Assert.True(hello.GetProperty("confirm").GetBoolean());
        Assert.True(hello.GetProperty("meta").GetBoolean());
    }

    [Fact]
    public async Task A_publish_is_one_line_and_its_receipt_is_the_brokers_confirm()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;

        var options = new PublishOptions { Priority = -3, TimeToLive = TimeSpan.FromSeconds(2) };
        var publishing = client.PublishAsync("t", "a \"b\"", "{\n \"x\":\r\n 1}"u8.ToArray(), options);
        var line = await peer.ExpectAsync("pub t ");
        await peer.SayAsync("ok pub t 17 a \"b\"");

        Assert.Equal(new PublishReceipt("t", 17, "a \"b\""), await publishing);
        Assert.Equal("""pub t {"id":"a \"b\"","priority":-3,"ttl_ms":2000,"msg":{  "x":   1}}""", line);
    }

    [Fact]
    public async Task Text_and_values_are_written_as_JSON()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;

        var text = client.PublishTextAsync("t", "1", "ça <b> \n\"é\" 🐦");
        var value = client.PublishValueAsync("t", "2", new { a = new[] { 1, 2 } });
        var first = JsonDocument.Parse((await peer.NextAsync())["pub t ".Length..]).RootElement;
        Assert.Equal("ça <b> \n\"é\" 🐦", first.GetProperty("msg").GetString());
        Assert.Equal("""pub t {"id":"2","msg":{"a":[1,2]}}""", await peer.NextAsync());
        await peer.SayRawAsync("ok pub t 1 1\r\nok pub t 2 2\r\n");
        Assert.Equal(1, (await text).Sequence);
        Assert.Equal(2, (await value).Sequence);
    }

    [Fact]
    public async Task A_drop_tells_how_many_events_went_with_the_topic_and_what_is_refused()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;

        var dropping = client.DropAsync("old.news");
        Assert.Equal("drop old.news", await peer.NextAsync());
        await peer.SayAsync("ok drop 17");
        Assert.Equal(17, await dropping);

        var missing = client.DropAsync("t");
        await peer.ExpectAsync("drop t");
        await peer.SayAsync("error: no topic t");
        Assert.Equal("no topic t", (await Assert.ThrowsAsync<RookeryException>(() => missing)).Message);
    }

    [Fact]
    public async Task A_drop_whose_connection_is_lost_is_not_sent_again()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var dropping = client.DropAsync("t");
        await peer.ExpectAsync("drop t");
        peer.Close();
        await Assert.ThrowsAnyAsync<RookeryConnectionException>(() => dropping);
    }

    [Fact]
    public async Task Confirmed_events_are_counted()
    {
        // Tests beside this one publish too: at least one is counted.
        var counted = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, to) =>
        {
            if (instrument.Name == "rookery.client.published")
            {
                to.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref counted, count));
        listener.Start();
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var publishing = client.PublishAsync("t", "1", "1"u8.ToArray());
        await peer.ExpectAsync("pub ");
        await peer.SayAsync("ok pub t 1 1");
        await publishing;
        Assert.True(Interlocked.Read(ref counted) >= 1);
    }

    [Fact]
    public async Task Many_are_under_way_at_once_and_each_gets_its_own_reply()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;

        var publishing = Enumerable.Range(1, 500).Select(n => client.PublishAsync("t", $"{n}", "1"u8.ToArray()).AsTask()).ToArray();
        for (var n = 1; n <= 500; n++)
        {
            await peer.ExpectAsync($$"""pub t {"id":"{{n}}",""");
        }

        for (var n = 1; n <= 500; n++)
        {
            await peer.SayAsync(n == 250 ? "error: priority 999 is out of bounds: -128 to 127" : $"ok pub t {n} {n}");
        }

        for (var n = 1; n <= 500; n++)
        {
            if (n == 250)
            {
                var error = await Assert.ThrowsAsync<RookeryException>(() => publishing[n - 1]);
                Assert.Equal("priority 999 is out of bounds: -128 to 127", error.Message);
            }
            else
            {
                Assert.Equal(n, (await publishing[n - 1].WaitAsync(ScriptedBroker.Deadline)).Sequence);
            }
        }
    }

    [Fact]
    public async Task Replies_may_come_in_pieces_of_any_size()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;

        var one = client.PublishAsync("t", "é1", "1"u8.ToArray());
        var two = client.PublishAsync("t", "2", "1"u8.ToArray());
        await peer.NextAsync();
        await peer.NextAsync();
        foreach (var piece in "ok pub t 5 é1\r\nok pub t 6 2\r\n".Chunk(3))
        {
            await peer.SayRawAsync(new string(piece));
            await Task.Yield();
        }

        Assert.Equal(new PublishReceipt("t", 5, "é1"), await one);
        Assert.Equal(new PublishReceipt("t", 6, "2"), await two);
    }

    [Fact]
    public async Task Beyond_the_bound_of_unconfirmed_events_a_publish_waits()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { MaxUnconfirmed = 2 });
        await using var _ = client;

        var publishing = Enumerable.Range(1, 3).Select(n => client.PublishAsync("t", $"{n}", "1"u8.ToArray()).AsTask()).ToArray();
        await peer.ExpectAsync("""pub t {"id":"1",""");
        await peer.ExpectAsync("""pub t {"id":"2",""");
        var ping = client.PingAsync();
        await peer.ExpectAsync("ping");

        await peer.SayAsync("ok pub t 1 1");
        await peer.ExpectAsync("""pub t {"id":"3",""");
        await peer.SayRawAsync("ok pub t 2 2\r\npong\r\nok pub t 3 3\r\n");
        await Task.WhenAll(publishing).WaitAsync(ScriptedBroker.Deadline);
        await ping;
    }

    [Fact]
    public async Task Bytes_are_bounded_too_but_one_large_event_always_fits()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { MaxUnconfirmedBytes = 1024 });
        await using var _ = client;

        var large = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new string('x', 5000)));
        var one = client.PublishAsync("t", "1", large);
        var two = client.PublishAsync("t", "2", large).AsTask();
        await peer.ExpectAsync("""pub t {"id":"1",""");
        var ping = client.PingAsync();
        await peer.ExpectAsync("ping");
        await peer.SayRawAsync("ok pub t 1 1\r\npong\r\n");
        await one;
        await peer.ExpectAsync("""pub t {"id":"2",""");
        await peer.SayAsync("ok pub t 2 2");
        await two.WaitAsync(ScriptedBroker.Deadline);
        await ping;
    }

    [Fact]
    public async Task A_publish_that_waits_for_room_can_be_cancelled_and_leaves_the_room_to_others()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { MaxUnconfirmed = 1 });
        await using var _ = client;
        using var cancel = new CancellationTokenSource();

        var one = client.PublishAsync("t", "1", "1"u8.ToArray());
        var two = client.PublishAsync("t", "2", "1"u8.ToArray(), cancellationToken: cancel.Token).AsTask();
        var three = client.PublishAsync("t", "3", "1"u8.ToArray());
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two);

        await peer.ExpectAsync("""pub t {"id":"1",""");
        await peer.SayAsync("ok pub t 1 1");
        await peer.ExpectAsync("""pub t {"id":"3",""");
        await peer.SayAsync("ok pub t 2 3");
        await one;
        await three;
    }

    [Fact]
    public async Task Without_a_producer_an_unconfirmed_publish_ends_unknown_when_the_connection_is_lost()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;

        var publishing = client.PublishAsync("t", "1", "1"u8.ToArray()).AsTask();
        await peer.ExpectAsync("pub ");
        peer.Close();

        var error = await Assert.ThrowsAsync<UnknownOutcomeException>(() => publishing.WaitAsync(ScriptedBroker.Deadline));
        Assert.Contains("event 1 for t may or may not have been stored", error.Message, StringComparison.Ordinal);
        var next = await _broker.WelcomeAsync();
        var ping = client.PingAsync();
        await next.ExpectAsync("ping");
        await next.SayAsync("pong");
        await ping;
    }

    [Fact]
    public async Task A_producer_numbers_its_events_and_repeats_the_unconfirmed_ones_in_order()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { Producer = "p", FirstNumber = 100 });
        await using var _ = client;

        var publishing = Enumerable.Range(1, 4).Select(n => client.PublishAsync("t", $"{n}", "1"u8.ToArray()).AsTask()).ToArray();
        for (var n = 1; n <= 4; n++)
        {
            Assert.Equal($$"""pub t {"id":"{{n}}","msg":1,"n":{{99 + n}}}""", await peer.NextAsync());
        }

        await peer.SayAsync("ok pub t 1 1");
        await publishing[0].WaitAsync(ScriptedBroker.Deadline);
        peer.Close();

        var next = await _broker.WelcomeAsync();
        for (var n = 2; n <= 4; n++)
        {
            Assert.Equal($$"""pub t {"id":"{{n}}","msg":1,"n":{{99 + n}}}""", await next.NextAsync());
            await next.SayAsync($"ok pub t {n} {n}");
        }

        foreach (var one in publishing)
        {
            await one.WaitAsync(ScriptedBroker.Deadline);
        }

        var fifth = client.PublishAsync("t", "5", "1"u8.ToArray());
        Assert.Equal("""pub t {"id":"5","msg":1,"n":104}""", await next.NextAsync());
        await next.SayAsync("ok pub t 5 5");
        await fifth;
    }

    [Fact]
    public async Task A_number_given_by_the_caller_is_used_and_counting_goes_on_behind_it()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { Producer = "p", FirstNumber = 1 });
        await using var _ = client;

        var one = client.PublishAsync("t", "1", "1"u8.ToArray(), new PublishOptions { Number = 50 });
        var two = client.PublishAsync("t", "2", "1"u8.ToArray());
        Assert.EndsWith("\"n\":50}", await peer.NextAsync(), StringComparison.Ordinal);
        Assert.EndsWith("\"n\":51}", await peer.NextAsync(), StringComparison.Ordinal);
        await peer.SayRawAsync("ok pub t 1 1\r\nok pub t 2 2\r\n");
        await one;
        await two;
    }

    [Fact]
    public async Task What_was_not_sent_yet_when_the_connection_was_lost_goes_with_the_next()
    {
        var lost = new TaskCompletionSource();
        var (client, peer) = await _broker.ConnectAsync(o => o with
        {
            ConnectionChanged = c => _ = c.State == ConnectionState.Reconnecting && lost.TrySetResult(),
        });
        await using var __ = client;

        peer.Close();
        await lost.Task.WaitAsync(ScriptedBroker.Deadline);
        using var cancel = new CancellationTokenSource();
        var given = client.PublishAsync("t", "1", "1"u8.ToArray(), cancellationToken: cancel.Token).AsTask();
        var kept = client.PublishAsync("t", "2", "1"u8.ToArray()).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        var next = await _broker.WelcomeAsync();
        await next.ExpectAsync("""pub t {"id":"2",""");
        await next.SayAsync("ok pub t 1 2");
        Assert.Equal(1, (await kept.WaitAsync(ScriptedBroker.Deadline)).Sequence);
    }

    [Fact]
    public async Task An_outcome_the_broker_does_not_know_is_told_apart_from_a_refusal()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;

        var publishing = client.PublishAsync("t", "1", "1"u8.ToArray()).AsTask();
        await peer.ExpectAsync("pub ");
        await peer.SayAsync("error: unknown outcome: the journal could not be written");
        await Assert.ThrowsAsync<UnknownOutcomeException>(() => publishing.WaitAsync(ScriptedBroker.Deadline));
    }

    [Fact]
    public async Task A_numbered_publish_whose_outcome_the_broker_does_not_know_is_told_with_its_number_and_not_repeated()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { Producer = "p", FirstNumber = 7 });
        await using var _ = client;

        var unknown = client.PublishAsync("t", "1", "1"u8.ToArray()).AsTask();
        var stored = client.PublishAsync("t", "2", "1"u8.ToArray()).AsTask();
        await peer.ExpectAsync("pub ");
        await peer.ExpectAsync("pub ");
        await peer.SayAsync("error: unknown outcome: pub t may or may not have been executed: the journal could not be written");
        await peer.SayAsync("ok pub t 1 2");
        Assert.Equal(7, (await Assert.ThrowsAsync<UnknownOutcomeException>(() => unknown.WaitAsync(ScriptedBroker.Deadline))).Number);
        await stored.WaitAsync(ScriptedBroker.Deadline);
        var ping = client.PingAsync();
        Assert.Equal("ping", await peer.NextAsync());
        await peer.SayAsync("pong");
        await ping;
    }

    [Fact]
    public async Task A_numbered_publish_that_was_sent_ends_unknown_when_the_client_gives_up()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { Producer = "p", FirstNumber = 7, GiveUpAfter = TimeSpan.FromMilliseconds(100) });
        await using var _ = client;

        var publishing = client.PublishAsync("t", "1", "1"u8.ToArray()).AsTask();
        await peer.ExpectAsync("pub ");
        _broker.StopListening();
        peer.Close();
        var unknown = await Assert.ThrowsAsync<UnknownOutcomeException>(() => publishing.WaitAsync(ScriptedBroker.Deadline));
        Assert.Equal(7, unknown.Number);
        Assert.IsType<RookeryConnectionException>(unknown.InnerException);
    }

    [Theory]
    [InlineData("", "topic")]
    [InlineData("a b", "topic")]
    [InlineData("..", "topic")]
    [InlineData("a\nping", "topic")]
    public async Task A_bad_topic_is_refused_before_anything_is_sent(string topic, string named)
    {
        var (client, _) = await _broker.ConnectAsync();
        await using var __ = client;
        var error = await Assert.ThrowsAnyAsync<ArgumentException>(() => client.PublishAsync(topic, "1", "1"u8.ToArray()).AsTask());
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_options_name_the_option_the_value_and_the_bound()
    {
        var (client, _) = await _broker.ConnectAsync();
        await using var __ = client;

        var priority = await Assert.ThrowsAsync<ArgumentException>(() => client.PublishAsync("t", "1", "1"u8.ToArray(), new PublishOptions { Priority = 128 }).AsTask());
        Assert.Equal("Priority is 128; it must be from -128 to 127", priority.Message);
        await Assert.ThrowsAsync<ArgumentException>(() => client.PublishAsync("t", "1", default).AsTask());
        var number = await Assert.ThrowsAsync<ArgumentException>(() => client.PublishAsync("t", "1", "1"u8.ToArray(), new PublishOptions { Number = 1 }).AsTask());
        Assert.Contains("Producer", number.Message, StringComparison.Ordinal);
        var port = Assert.Throws<ArgumentException>(() => new RookeryClientOptions { Port = 70_000 }.Validate());
        Assert.Equal("Port is 70000; it must be from 1 to 65535", port.Message);
        var most = Assert.Throws<ArgumentException>(() => new RookeryClientOptions { ReconnectMax = TimeSpan.Zero }.Validate());
        Assert.Contains("ReconnectMax", most.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposing_waits_for_replies_and_then_ends_what_has_none()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { CloseTimeout = TimeSpan.FromSeconds(1), MaxUnconfirmed = 2 });
        var replied = client.PublishAsync("t", "1", "1"u8.ToArray()).AsTask();
        var silent = client.PublishAsync("t", "2", "1"u8.ToArray()).AsTask();
        var waiting = client.PublishAsync("t", "3", "1"u8.ToArray()).AsTask();
        await peer.NextAsync();
        await peer.NextAsync();

        var disposing = client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(ScriptedBroker.Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.PublishAsync("t", "4", "1"u8.ToArray()).AsTask());
        await peer.ExpectAsync("ping");
        await peer.SayAsync("ok pub t 1 1");
        Assert.Equal(1, (await replied.WaitAsync(ScriptedBroker.Deadline)).Sequence);
        await disposing.AsTask().WaitAsync(ScriptedBroker.Deadline);
        await Assert.ThrowsAsync<UnknownOutcomeException>(() => silent.WaitAsync(ScriptedBroker.Deadline));
        await peer.ClosedAsync();
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Publishers_on_many_threads_keep_their_numbers_growing_on_the_wire()
    {
        var (client, peer) = await _broker.ConnectAsync(o => o with { Producer = "p", FirstNumber = 1 });
        await using var _ = client;

        var publishers = Enumerable.Range(0, 4).Select(p => Task.Run(async () =>
        {
            for (var n = 0; n < 100; n++)
            {
                await client.PublishAsync("t", $"{p}-{n}", "1"u8.ToArray());
            }
        })).ToArray();
        for (var n = 1; n <= 400; n++)
        {
            var line = await peer.NextAsync();
            var number = JsonDocument.Parse(line["pub t ".Length..]).RootElement.GetProperty("n").GetInt64();
            Assert.Equal(n, number);
            await peer.SayAsync(string.Create(CultureInfo.InvariantCulture, $"ok pub t {n} x"));
        }

        await Task.WhenAll(publishers).WaitAsync(ScriptedBroker.Deadline);
    }
}
