using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Rookery.Wire;

/// <summary>
/// Watches whether the peer of a connection takes what it is sent. On Linux the kernel says how many bytes the peer has
/// acknowledged, so that a slow one is told from one that stands still; elsewhere a piece that was sent whole counts.
/// </summary>
internal sealed class SendProgress(ConnectionContext transport, SendQueue sendQueue, TimeProvider time)
{
    // <linux/tcp.h>, struct tcp_info: tcpi_unacked, tcpi_bytes_acked and tcpi_notsent_bytes.
    private const int SolTcp = 6;
    private const int TcpInfo = 11;
    private const int Unacked = 24;
    private const int BytesAcked = 120;
    private const int NotSentBytes = 144;

    private readonly Socket? _socket = OperatingSystem.IsLinux() ? transport.Features.Get<IConnectionSocketFeature>()?.Socket : null;
    private long _taken = -1;
    private long _looked;
    private TimeSpan _waited;

    /// <summary>For how long bytes have waited without the peer taking any, as far as it was looked at. One caller at a time.</summary>
    /// <param name="most">What the time since the last look counts at most: a process that stood still itself blames nobody.</param>
    public TimeSpan Look(TimeSpan most)
    {
        var (taken, waits) = Read();
        var since = time.GetElapsedTime(_looked);
        _waited = taken != _taken || !waits ? TimeSpan.Zero : _waited + (since < most ? since : most);
        (_taken, _looked) = (taken, time.GetTimestamp());
        return _waited;
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
                    return (BinaryPrimitives.ReadInt64LittleEndian(info[BytesAcked..]), waits || sendQueue.IsSending);
                }
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // It is closed or about to be, and what is left to say is said by other means.
            }
        }

        return (sendQueue.Sent, sendQueue.IsSending);
    }
}
