using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Rookery.Wire;

/// <summary>Lets TCP find out that a silent peer has vanished: nobody says goodbye when a cable is pulled.</summary>
internal static class KeepAlive
{
    private const int SecondsBetweenProbes = 10;
    private const int Probes = 6;

    /// <summary>Probes after this silence, and gives the connection up where none is answered.</summary>
    public static void Set(ConnectionContext transport, TimeSpan silence)
    {
        if (transport.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)silence.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, SecondsBetweenProbes);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        }
    }
}
