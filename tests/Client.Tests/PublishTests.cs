using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Rookery.Client.Tests;

/// <summary>What is sent, and what comes back.</summary>
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
    public async Task An_event_whose_line_the_broker_would_hang_up_for_is_not_sent()
    {
        _broker.HelloReply = """ok hello {"server":"scripted","limits":{"line_bytes":60}}""";
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var error = await Assert.ThrowsAsync<RookeryException>(() => client.PublishTextAsync("t", "1", new string('x', 40)).AsTask());
        Assert.Equal("event 1 for t would make a line of 65 bytes; the broker reads at most 60", error.Message);
        var longest = client.PublishTextAsync("t", "2", new string('x', 35));
        Assert.Equal(60, (await peer.NextAsync()).Length);
        await peer.SayAsync("ok pub t 1 2");
        Assert.Equal(1, (await longest).Sequence);
    }

    [Theory]
    [InlineData(1, 29)]
    [InlineData(12345678, 22)]
    [InlineData(long.MaxValue, 11)]
    public async Task So_is_a_numbered_one_whose_line_is_measured_to_the_byte_and_its_number_is_used_by_the_next(long number, int fits)
    {
        _broker.HelloReply = """ok hello {"server":"scripted","limits":{"line_bytes":60}}""";
        var (client, peer) = await _broker.ConnectAsync(o => o with { Producer = "shop", FirstNumber = number });
        await using var _ = client;
        var error = await Assert.ThrowsAsync<RookeryException>(() => client.PublishTextAsync("t", "1", new string('x', fits + 1)).AsTask());
        Assert.Equal("event 1 for t would make a line of 61 bytes; the broker reads at most 60", error.Message);
        var longest = client.PublishTextAsync("t", "2", new string('x', fits));
        var line = await peer.NextAsync();
        Assert.Equal(60, line.Length);
        Assert.EndsWith($",\"n\":{number}}}", line, StringComparison.Ordinal);
        await peer.SayAsync("ok pub t 1 2");
        Assert.Equal(1, (await longest).Sequence);
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
}
