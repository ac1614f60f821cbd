using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Rookery.Bench;

/// <summary>Sends what one connection sends to all that subscribed, byte for byte, without looking at it.</summary>
internal static class RelayServer
{
    private static readonly ConcurrentDictionary<Socket, byte> Subscribers = new();

    public static void Serve(int port) => Acceptor.Run(port, Handle);

    private static void Handle(Socket socket)
    {
        var buffer = new byte[1 << 20];
        if (socket.Receive(buffer) == 0)
        {
            return;
        }

        var isPublisher = buffer[0] == 'p';
        if (!isPublisher)
        {
            Subscribers[socket] = 0;
        }

        socket.Send("ok\n"u8);
        var subscribers = Subscribers.Keys;
        for (int received; (received = socket.Receive(buffer)) > 0;)
        {
            foreach (var subscriber in subscribers)
            {
                for (var sent = 0; sent < received;)
                {
                    sent += subscriber.Send(buffer.AsSpan(sent, received - sent));
                }
            }
        }

        Subscribers.TryRemove(socket, out _);
    }
}
