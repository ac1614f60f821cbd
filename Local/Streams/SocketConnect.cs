using System.Net;
using System.Net.Sockets;

namespace Rookery.Local;

/// <summary>
/// Connects a socket as <see cref="Socket.ConnectAsync(EndPoint, CancellationToken)"/> does, but for what a refusal costs: that one
/// records the stack in its exception with names of files and lines, for which the runtime loads its readers of symbols, 3 MB that a process
/// whose tweet server is away would keep.
/// </summary>
internal static class SocketConnect
{
    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">It was refused, or cannot be reached.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before.</exception>
    public static async Task ConnectAsync(Socket socket, EndPoint to, CancellationToken cancellationToken)
    {
        using var connecting = new SocketAsyncEventArgs { RemoteEndPoint = to };
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connecting.Completed += (_, _) => done.TrySetResult();
        if (socket.ConnectAsync(connecting))
        {
            await using var cancel = cancellationToken.Register(() => Socket.CancelConnectAsync(connecting)).ConfigureAwait(false);
            await done.Task.ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (connecting.SocketError != SocketError.Success)
        {
            throw new SocketException((int)connecting.SocketError);
        }
    }
}
