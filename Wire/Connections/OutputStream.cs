using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Rookery.Wire;

/// <summary>
/// Where the bytes of a connection leave. Without TLS that is its socket: the transport's pipe would copy all of them once
/// more, into blocks that are sized for reading. With TLS it is the pipe, behind which they are encrypted.
/// </summary>
internal sealed class OutputStream
{
    /// <summary>Bytes handed to the pipe at once.</summary>
    public const int PieceBytes = 128 * 1024;

    private readonly PipeWriter _pipe;
    private readonly Socket? _socket;

    public OutputStream(ConnectionContext transport, bool isEncrypted)
    {
        _pipe = transport.Transport.Output;
        _socket = isEncrypted ? null : transport.Features.Get<IConnectionSocketFeature>()?.Socket;
    }

    /// <summary>Writes bytes, which belong to the caller again when it completes.</summary>
    /// <returns>False where the peer is gone.</returns>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                if (_socket is not null)
                {
                    bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None).ConfigureAwait(false)..];
                    continue;
                }

                var piece = bytes[..Math.Min(PieceBytes, bytes.Length)];
                var result = await _pipe.WriteAsync(piece).ConfigureAwait(false);
                if (result.IsCompleted || result.IsCanceled)
                {
                    return false;
                }

                bytes = bytes[piece.Length..];
            }

            return true;
        }
        catch (Exception error) when (error is IOException or SocketException or InvalidOperationException or OperationCanceledException)
        {
            // Closed, reset or aborted (a disposed socket is an invalid operation): nobody is there to take the rest.
            return false;
        }
    }
}
