using System.Globalization;
using System.Text.Json;

namespace Rookery.Client.Tests;

/// <summary>What becomes of publishes when replies, or the connection, do not come; and the numbers that make repeats safe.</summary>
public sealed class PublishOutcomeTests : IAsyncDisposable
{
    private readonly ScriptedBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

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
        var (client, _, loseAsync) = await _broker.ConnectToLoseAsync();
        await using var __ = client;
        await loseAsync();
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
