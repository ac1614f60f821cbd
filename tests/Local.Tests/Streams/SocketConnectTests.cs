using System.Net;
using System.Net.Sockets;

namespace Rookery.Local.Tests;

public sealed class SocketConnectTests
{
    [Fact]
    public async Task It_connects_by_name()
    {
        using var listener = Listen();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await SocketConnect.ConnectAsync(socket, new DnsEndPoint("localhost", Port(listener)), CancellationToken.None);
        Assert.True(socket.Connected);
    }

    [Fact]
    public async Task A_refusal_says_what_it_is()
    {
        var listener = Listen();
        var port = Port(listener);
        listener.Dispose();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var refused = await Assert.ThrowsAsync<SocketException>(
            () => SocketConnect.ConnectAsync(socket, new IPEndPoint(IPAddress.Loopback, port), CancellationToken.None));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    [Fact]
    public async Task What_waits_for_an_answer_ends_when_it_is_cancelled()
    {
        // Nobody accepts, and no more than a few may wait for it: further ones hear nothing.
        using var listener = Listen();
        var waiting = new List<Socket>();
        using var cancelled = new CancellationTokenSource();
        try
        {
            Task connecting;
            do
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                waiting.Add(socket);
                connecting = SocketConnect.ConnectAsync(socket, new IPEndPoint(IPAddress.Loopback, Port(listener)), cancelled.Token);
                await Task.WhenAny(connecting, Task.Delay(TimeSpan.FromMilliseconds(200)));
            }
            while (connecting.IsCompleted && waiting.Count < 50);

            Assert.False(connecting.IsCompleted);
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting).WaitAsync(TimeSpan.FromSeconds(10));
        }
        finally
        {
            waiting.ForEach(socket => socket.Dispose());
        }
    }

    private static Socket Listen()
    {
        var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        return listener;
    }

    private static int Port(Socket listener) => ((IPEndPoint)listener.LocalEndPoint!).Port;
}
