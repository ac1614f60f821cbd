using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Rookery.Wire;

/// <summary>
/// Watches whether the peer of a connection takes what it is sent. On Linux the kernel says how many bytes the peer has
/// acknowledged, so that a slow one is told from one that stands still; elsewhere a piece that was sent whole counts.
/// </summary>
internal sealed class SendProgress(ConnectionContext transport, Outbox outbox, TimeProvider time)
{
    // <linux/tcp.h>, struct tcp_info: tcpi_unacked, tcpi_bytes_acked and tcpi_notsent_bytes.
    private const int SolTcp = 6;
    private const int TcpInfo = 11;
    private const int Unacked = 24;
    private const int BytesAcked = 120;
    private const int NotSentBytes = 144;

    private readonly Socket? _socket = OperatingSystem.IsLinux() ? transport.Features.Get<IConnectionSocketFeature>()?.Socket : null;
    private long _taken = -1;
    private long _since;

    /// <summary>For how long bytes have waited without the peer taking any, as far as it was looked at. One caller at a time.</summary>
    public TimeSpan Look()
    {
        var (taken, waits) = Read();
        if (taken != _taken || !waits)
        {
            (_taken, _since) = (taken, time.GetTimestamp());
        }

        return time.GetElapsedTime(_since);
    }

    private (long Taken, bool Waits) Read()
    {
        if (_socket is not null)
        {
            Span<byte> info = stackalloc byte[NotSentBytes + sizeof(uint)];
            try
            {
                if (_socket.GetRawSocketOption(SolTcp, TcpInfo, info) == info.Length)
                {
                    var waits = BinaryPrimitives.ReadUInt32LittleEndian(info[Unacked..]) > 0 || BinaryPrimitives.ReadUInt32LittleEndian(info[NotSentBytes..]) > 0;
                    return (BinaryPrimitives.ReadInt64LittleEndian(info[BytesAcked..]), waits || outbox.IsSending);
                }
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // It is closed or about to be, and what is left to say is said by other means.
            }
        }

        return (outbox.Sent, outbox.IsSending);
    }
}
