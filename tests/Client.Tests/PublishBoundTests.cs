using System.Text;
using System.Text.Json;

namespace Rookery.Client.Tests;

/// <summary>How much may be under way at once.</summary>
public sealed class PublishBoundTests : IAsyncDisposable
{
    private readonly ScriptedBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

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
}
