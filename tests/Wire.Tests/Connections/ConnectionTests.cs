using System.Net.Sockets;
using System.Text;
using Rookery.Conformance;

namespace Rookery.Wire.Tests;

/// <summary>Bytes, lines and the lives of connections.</summary>
public sealed class ConnectionTests
{
    [Fact]
    public async Task Lines_end_in_LF_or_CRLF_and_come_in_any_pieces()
    {
        await using var served = await ServedBroker.StartAsync();
        var client = await served.ConnectAsync();
        await client.SendBytesAsync("ping\nping\r\n  ping \n\r\nsub t\npub t {\"id\":\"é🐦\",\"msg\":\"ü\"}\nping"u8.ToArray());
        await client.ExpectAsync("pong", "pong", "pong", "error: unknown command: [\"\"]", "successfully subscribed to topic t");
        await client.ExpectAsync("{\"topic\":\"t\",\"priority\":0,\"msg\":\"ü\",\"id\":\"é🐦\"}");
        await client.SendBytesAsync("\r\n"u8.ToArray());
        await client.ExpectAsync("pong");
        foreach (var b in Encoding.UTF8.GetBytes("ack t é🐦\r\nping\r\n"))
        {
            await client.SendBytesAsync(new[] { b });
        }

        await client.ExpectAsync("acknowledged ev_id=é🐦", "no available message", "pong");
    }

    [Fact]
    public async Task A_half_line_is_never_executed()
    {
        await using var served = await ServedBroker.StartAsync();
        var client = await served.ConnectAsync();
        await client.SendBytesAsync("pub t {\"id\":\"1\",\"msg\":1}\npub t {\"id\":\"2\",\"msg\":1}"u8.ToArray());
        client.Socket.Shutdown(SocketShutdown.Send);
        Assert.Empty(await client.ReadToEndAsync());
        var other = await served.ConnectAsync();
        await other.SendAsync("stats t");
        Assert.Contains("\"seq\":1,", await other.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_stops_sending_still_gets_every_reply()
    {
        await using var served = await ServedBroker.StartAsync();
        var client = await served.ConnectAsync("{\"confirm\":true}");
        await client.SendAsync([.. Enumerable.Range(1, 500).Select(i => $"pub t {{\"id\":{i},\"msg\":1}}")]);
        client.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(Enumerable.Range(1, 500).Select(i => $"ok pub t {i} {i}"), await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_line_as_long_as_allowed_passes_and_a_longer_one_closes_after_saying_so()
    {
        await using var served = await ServedBroker.StartAsync(new WireOptions { MaxLineBytes = 1 << 20 });
        var client = await served.ConnectAsync("{\"confirm\":true}");
        await client.AskAsync("sub t", "successfully subscribed to topic t");
        var message = new string('x', 999_998);
        await client.SendAsync($"pub t {{\"id\":\"1\",\"msg\":\"{message}\"}}{new string(' ', (1 << 20) - 999_998 - 25)}");
        await client.ExpectAsync("ok pub t 1 1", $"{{\"topic\":\"t\",\"priority\":0,\"msg\":\"{message}\",\"id\":\"1\"}}");
        await client.SendAsync($"ping{new string(' ', (1 << 20) - 4)}");
        await client.ExpectAsync("pong");
        await client.SendAsync("ping", $"ping{new string(' ', (1 << 20) - 3)}", "ping");
        Assert.Equal(["pong", "error: line too long: at most 1048576 bytes are allowed; closing"], await client.ReadToEndAsync());

        // Also where no end of the line is in sight, and the client does not stop.
        var endless = await served.ConnectAsync();
        await endless.SendBytesAsync(new byte[4 << 20].AsMemory());
        Assert.Equal(["error: line too long: at most 1048576 bytes are allowed; closing"], await endless.ReadToEndAsync());
    }

    [Fact]
    public async Task Invalid_UTF8_is_told()
    {
        await using var served = await ServedBroker.StartAsync();
        var client = await served.ConnectAsync();
        await client.SendBytesAsync(new byte[] { (byte)'p', 0xC3, (byte)'\n', 0xFF, (byte)'\n' });
        await client.ExpectAsync(Errors.NotUtf8, Errors.NotUtf8);
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_closed_socket_costs_nothing_its_session_ends_at_once()
    {
        var ended = new TaskCompletionSource();
        var broker = new FakeBroker { SessionEnded = ended.SetResult };
        await using var served = await ServedBroker.StartAsync(broker: broker);
        var client = await served.ConnectAsync();
        await client.AskAsync("sub t", "successfully subscribed to topic t");
        client.Socket.LingerState = new LingerOption(true, 0);
        await client.DisposeAsync();
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(0, broker.SessionCount);
        await ServedBroker.EventuallyAsync(() => served.Server.Connections == 0, "the connection is gone");
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        await using var served = await ServedBroker.StartAsync();
        await using var second = new BrokerServer(new FakeBroker(), new WireOptions { Port = served.Server.EndPoint.Port });
        var error = await Assert.ThrowsAsync<IOException>(() => second.StartAsync());
        Assert.Equal($"cannot listen on 127.0.0.1:{served.Server.EndPoint.Port}: the port is in use", error.Message);
    }

    [Fact]
    public async Task One_connection_too_many_is_told()
    {
        await using var served = await ServedBroker.StartAsync(new WireOptions { MaxConnections = 1 });
        var first = await served.ConnectAsync();
        await using var second = await LineClient.OpenAsync(served.Server.EndPoint);
        Assert.Equal(["error: too many connections: at most 1 are allowed"], await second.ReadToEndAsync());
        Assert.Equal(1, served.Server.Refused);
        await first.AskAsync("ping", "pong");
    }

    [Fact]
    public async Task An_idle_connection_is_closed_only_where_that_is_asked_for()
    {
        var time = new ManualTimeProvider();
        await using var served = await ServedBroker.StartAsync(new WireOptions { IdleTimeout = TimeSpan.FromSeconds(40), SendTimeout = TimeSpan.Zero }, time: time);
        var client = await served.ConnectAsync();
        time.Advance(TimeSpan.FromSeconds(39));
        await client.AskAsync("ping", "pong");
        time.Advance(TimeSpan.FromSeconds(39));
        await client.AskAsync("ping", "pong");
        time.Advance(TimeSpan.FromSeconds(42));
        var said = client.ReadToEndAsync();
        await ServedBroker.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(10), said, "the idle connection is closed");
        Assert.Equal(["error: idle for 40 s; closing"], await said);

        // A day that passes within a moment would find the greeting still on its way: stalled readers have tests of their own.
        await using var patient = await ServedBroker.StartAsync(new WireOptions { SendTimeout = TimeSpan.Zero }, time: time);
        var person = await patient.ConnectAsync();
        time.Advance(TimeSpan.FromDays(1));
        await person.AskAsync("ping", "pong");
    }

    [Fact]
    public async Task An_idle_timeout_also_ends_who_sends_and_never_reads()
    {
        var time = new ManualTimeProvider();
        var broker = new FakeBroker();
        await using var served = await ServedBroker.StartAsync(
            new WireOptions { MaxPendingCommands = 64 * 1024, MaxPendingOutput = 64 * 1024, IdleTimeout = TimeSpan.FromSeconds(40) }, broker, time);
        var client = await served.ConnectAsync(receiveBuffer: 4096);
        await client.AskAsync("sub t", "successfully subscribed to topic t");
        var flood = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("help\n", 20_000)));
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await client.Socket.SendAsync(flood);
            }
        });
        for (var i = 0; served.Server.Connections > 0; i++)
        {
            Assert.True(i < 4000, "it is still there");
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        await Assert.ThrowsAnyAsync<SocketException>(() => sending.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(0, broker.SessionCount);
    }

    [Fact]
    public async Task TCP_asks_a_silent_peer_whether_it_lives()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using var served = await ServedBroker.StartAsync(new WireOptions { KeepAlive = TimeSpan.FromSeconds(30) });
        var client = await served.ConnectAsync();
        await client.AskAsync("ping", "pong");
        var local = $"0100007F:{served.Server.EndPoint.Port:X4}";
        var remote = $"0100007F:{((System.Net.IPEndPoint)client.Socket.LocalEndPoint!).Port:X4}";
        var timer = "";

        // Field 5 is the kernel's timer of the connection and its hundredths of a second: 01 what was sent last, 02 keep-alive.
        await ServedBroker.EventuallyAsync(
            () => (timer = File.ReadLines("/proc/net/tcp").Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).First(f => f[1] == local && f[2] == remote)[5])
                .StartsWith("02:", StringComparison.Ordinal),
            "the keep-alive timer runs");
        Assert.InRange(Convert.ToInt32(timer[3..], 16), 1, 3000);
    }

    [Fact]
    public async Task A_stop_lets_pending_replies_out_and_says_so()
    {
        var held = new TaskCompletionSource();
        var broker = new FakeBroker { Delay = _ => held.Task };
        await using var served = await ServedBroker.StartAsync(broker: broker);
        var client = await served.ConnectAsync("{\"confirm\":true}");
        await client.SendAsync("pub t {\"id\":\"1\",\"msg\":1}");
        await client.SendAsync("sub t");
        await ServedBroker.EventuallyAsync(() => broker.Executed == 2, "both are executed");
        var stopped = served.Server.StopAsync();
        Assert.False(stopped.IsCompleted);
        held.SetResult();
        Assert.Equal(["ok pub t 1 1", "successfully subscribed to topic t", "error: shutting down"], await client.ReadToEndAsync());
        await stopped;
        await Assert.ThrowsAnyAsync<SocketException>(() => LineClient.OpenAsync(served.Server.EndPoint));
    }

    [Fact]
    public async Task A_stop_waits_no_longer_than_its_deadline()
    {
        var broker = new FakeBroker { Delay = _ => new TaskCompletionSource().Task };
        await using var served = await ServedBroker.StartAsync(new WireOptions { DrainTimeout = TimeSpan.FromMilliseconds(50) }, broker);
        var client = await served.ConnectAsync("{\"confirm\":true}");
        await client.SendAsync("pub t {\"id\":\"1\",\"msg\":1}");
        await ServedBroker.EventuallyAsync(() => broker.Executed == 1, "it is executed");
        await served.Server.StopAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(0, broker.SessionCount);
    }
}
