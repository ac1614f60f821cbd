using Rookery.Conformance;

namespace Rookery.Wire.Tests;

/// <summary>Who takes nothing of what waits for it is closed; who reads, however slowly, or has nothing to take, is not.</summary>
public class StalledReaderTests
{
    private const int Count = 4_000;
    private static readonly string Message = new('x', 4_000);
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Who_takes_nothing_is_closed_after_the_time_and_what_it_had_in_flight_goes_to_others()
    {
        var logs = new ListLogs();
        await using var served = await ServedBroker.StartAsync(time: _time, loggers: logs);
        var stalled = await SubscribeAsync(served);
        await PublishAsync(served);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(2, served.Server.Connections);
        var closed = ServedBroker.EventuallyAsync(() => served.Server.Connections == 1, "the stalled connection is closed");
        await ServedBroker.AdvanceUntilAsync(_time, TimeSpan.FromSeconds(5), closed, "the time is over");
        await logs.WaitAsync("it took nothing of what waits for it for 00:00:30");
        var next = await SubscribeAsync(served);
        for (var i = 1; i <= Count; i++)
        {
            Assert.EndsWith($",\"id\":{i}}}", await next.ReadAsync(), StringComparison.Ordinal);
        }

        Assert.True(stalled.Socket.Connected);
    }

    [Fact]
    public async Task Who_reads_slowly_is_not_closed()
    {
        await using var served = await ServedBroker.StartAsync(time: _time);
        var slow = await SubscribeAsync(served);
        await PublishAsync(served);
        for (var i = 1; i <= 100; i++)
        {
            for (var n = 0; n < 20; n++)
            {
                await slow.ReadAsync();
            }

            // The kernel of the reader may take its time to say that there is room again.
            await Task.Delay(10);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await slow.SendAsync("quit");
        while (await slow.TryReadAsync() is not (null or "bye"))
        {
        }

        Assert.True(served.Server.Connections <= 2);
    }

    [Fact]
    public async Task Who_has_nothing_to_take_may_sleep_for_a_day()
    {
        await using var served = await ServedBroker.StartAsync(time: _time);
        var person = await served.ConnectAsync();
        await person.AskAsync("sub t", "successfully subscribed to topic t");
        var publisher = await served.ConnectAsync("{\"confirm\":true}");
        await publisher.AskAsync("pub t {\"id\":1,\"msg\":0}", "ok pub t 1 1");
        await publisher.AskAsync("pub t {\"id\":2,\"msg\":0}", "ok pub t 2 2");

        // Its kernel has taken the event, but may need a moment to say so.
        for (var step = 0; step < 200; step++)
        {
            await Task.Delay(5);
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        _time.Advance(TimeSpan.FromDays(1));

        await person.ExpectAsync("{\"topic\":\"t\",\"priority\":0,\"msg\":0,\"id\":1}");
        await person.AskAsync("ack t 1", "acknowledged ev_id=1");
        await person.ExpectAsync("{\"topic\":\"t\",\"priority\":0,\"msg\":0,\"id\":2}");
    }

    [Fact]
    public async Task Without_a_time_nobody_is_closed()
    {
        await using var served = await ServedBroker.StartAsync(new WireOptions { SendTimeout = TimeSpan.Zero }, time: _time);
        var stalled = await SubscribeAsync(served);
        await PublishAsync(served);
        _time.Advance(TimeSpan.FromDays(1));
        for (var i = 1; i <= Count; i++)
        {
            Assert.EndsWith($",\"id\":{i}}}", await stalled.ReadAsync(), StringComparison.Ordinal);
        }
    }

    private static async Task<LineClient> SubscribeAsync(ServedBroker served)
    {
        var client = await served.ConnectAsync("{\"as\":\"alice\"}", receiveBuffer: 4096);
        await client.AskAsync("sub t {\"window\":65536}", "successfully subscribed to topic t");
        return client;
    }

    private static async Task PublishAsync(ServedBroker served)
    {
        var publisher = await served.ConnectAsync("{\"confirm\":true}");
        for (var i = 1; i <= Count; i++)
        {
            await publisher.AskAsync($"pub t {{\"id\":{i},\"msg\":\"{Message}\"}}", $"ok pub t {i} {i}");
        }
    }
}
