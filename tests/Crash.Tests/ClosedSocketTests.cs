using System.Net;
using System.Net.Sockets;
using System.Text;
using Rookery.Command.Tests;

namespace Rookery.Crash.Tests;

/// <summary>Sockets that closed, in every way they do, leave a process that sleeps.</summary>
public sealed class ClosedSocketTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _data = Directory.CreateTempSubdirectory("rookery-closed-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_closed_socket_costs_no_processor_time()
    {
        await using var run = RookeryProcess.Start("run", "--no-tweets", "--data", _data, "--broker-port", "0");
        var port = await run.PortAsync("broker on ");
        for (var i = 0; i < 40; i++)
        {
            await CloseAsync(port, i % 4);
        }

        using var client = (await RawClient.ConnectAsync(port, "{}"))!;
        using var deadline = new CancellationTokenSource(RookeryProcess.Deadline);
        while (!await IsAloneAsync(client) || !await IsAsleepAsync(run))
        {
            Assert.False(deadline.IsCancellationRequested, $"it never came to rest; {run.Out} {run.Error}");
        }
    }

    private static async Task CloseAsync(int port, int way)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await socket.SendAsync(Encoding.ASCII.GetBytes("sub t\npub t {\"id\":\"1\",\"msg\":1}\nhalf a line"));
        switch (way)
        {
            case 0:
                // Reset, with replies unread.
                socket.LingerState = new LingerOption(true, 0);
                break;
            case 1:
                // Half closed, and read to the end.
                socket.Shutdown(SocketShutdown.Send);
                var buffer = new byte[4096];
                while (await socket.ReceiveAsync(buffer).WaitAsync(RookeryProcess.Deadline) > 0)
                {
                }

                break;
            case 2:
                socket.Shutdown(SocketShutdown.Both);
                break;
            default:
                break;
        }
    }

    private static async Task<bool> IsAloneAsync(RawClient client)
    {
        await client.SendAsync("stats\n");
        return (await client.ReadAsync())!.Contains("\"connections\":1,", StringComparison.Ordinal);
    }

    /// <summary>A reader that spins takes all of a core; the status line of each second takes next to nothing.</summary>
    private static async Task<bool> IsAsleepAsync(RookeryProcess run)
    {
        var before = run.ProcessorTime;
        await Task.Delay(Interval);
        return run.ProcessorTime - before < Interval / 8;
    }
}
