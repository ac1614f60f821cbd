using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Rookery.Wire;

/// <summary>
/// Where the bytes of a connection leave. Without TLS that is its socket: the transport's pipe would copy all of them once
/// more, into blocks that are sized for reading. With TLS it is the pipe, behind which they are encrypted.
/// </summary>
internal sealed class ConnectionOutput
{
    private readonly PipeWriter _pipe;
    private readonly Socket? _socket;

    public ConnectionOutput(ConnectionContext transport, bool isEncrypted)
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
            if (_socket is null)
            {
                return await _pipe.WriteAsync(bytes).ConfigureAwait(false) is { IsCompleted: false, IsCanceled: false };
            }

            while (!bytes.IsEmpty)
            {
                bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None).ConfigureAwait(false)..];
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
