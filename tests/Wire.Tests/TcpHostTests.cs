using System.Net;
using System.Net.Sockets;

namespace Rookery.Wire.Tests;

public sealed class TcpHostTests
{
    [Fact]
    public async Task The_transport_has_blocks_that_take_a_hundred_events()
    {
        var block = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await TcpHost.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0),
            connection =>
            {
                block.TrySetResult(connection.Transport.Output.GetMemory().Length);
                return Task.CompletedTask;
            },
            CancellationToken.None);
        using var client = new TcpClient();
        await client.ConnectAsync(host.EndPoint);

        Assert.Equal(128 * 1024, await block.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }
}
