using System.Net;
using System.Net.Sockets;

namespace Rookery.Bench;

/// <summary>A thread per connection, until standard input ends, which it does when the bench is gone.</summary>
internal static class Acceptor
{
    public static void Run(int port, Action<Socket> handle)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        new Thread(() =>
        {
            Console.In.ReadToEnd();
            Environment.Exit(0);
        })
        { IsBackground = true }.Start();
        while (true)
        {
            var socket = listener.AcceptSocket();
            socket.NoDelay = true;
            new Thread(() =>
            {
                try
                {
                    handle(socket);
                }
                catch (SocketException)
                {
                    // The client went.
                }

                socket.Dispose();
            })
            { IsBackground = true }.Start();
        }
    }
}
