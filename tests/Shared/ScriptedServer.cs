using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rookery.Tests;

/// <summary>
/// An HTTP server that answers each connection with the next piece of a script, byte by byte as the test wants it; the
/// last piece is repeated.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<NetworkStream, CancellationToken, Task>[] _script;
    private readonly Task _running;

    public ScriptedServer(params Func<NetworkStream, CancellationToken, Task>[] script)
    {
        _script = script;
        _listener.Start();
        _running = RunAsync();
    }

    public Uri Uri => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>The heads of the requests, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Sends a stream of events and ends it.</summary>
    public static Func<NetworkStream, CancellationToken, Task> Stream(string events) => async (stream, cancel) =>
    {
        await SendHeadAsync(stream, cancel);
        await SendChunkAsync(stream, events, cancel);
        await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), cancel);
    };

    /// <summary>Sends events and then nothing more, without ending.</summary>
    public static Func<NetworkStream, CancellationToken, Task> Stalling(string events) => async (stream, cancel) =>
    {
        await SendHeadAsync(stream, cancel);
        await SendChunkAsync(stream, events, cancel);
        await Task.Delay(Timeout.Infinite, cancel);
    };

    /// <summary>Sends events and breaks the connection in the middle of a chunk.</summary>
    public static Func<NetworkStream, CancellationToken, Task> Breaking(string events) => async (stream, cancel) =>
    {
        await SendHeadAsync(stream, cancel);
        await SendChunkAsync(stream, events, cancel);
        await stream.WriteAsync("1000\r\nhalf"u8.ToArray(), cancel);
        stream.Socket.LingerState = new LingerOption(false, 0);
    };

    /// <summary>Reads the request and resets the connection.</summary>
    public static Task Resetting(NetworkStream stream, CancellationToken cancel)
    {
        stream.Socket.LingerState = new LingerOption(true, 0);
        stream.Socket.Close();
        return Task.CompletedTask;
    }

    /// <summary>Sends whoever asks to another address.</summary>
    public static Func<NetworkStream, CancellationToken, Task> Redirecting(string location) => (stream, cancel) => stream.WriteAsync(
        Encoding.ASCII.GetBytes($"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), cancel).AsTask();

    /// <summary>Answers with a status, a type and a text.</summary>
    public static Func<NetworkStream, CancellationToken, Task> Answer(string status, string type, string body) => (stream, cancel) =>
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n";
        return stream.WriteAsync(Encoding.ASCII.GetBytes(head).Concat(bytes).ToArray(), cancel).AsTask();
    };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _running;
        _stop.Dispose();
    }

    private static Task SendHeadAsync(NetworkStream stream, CancellationToken cancel) => stream.WriteAsync(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), cancel).AsTask();

    private static Task SendChunkAsync(NetworkStream stream, string text, CancellationToken cancel)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length == 0
            ? Task.CompletedTask
            : stream.WriteAsync(Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n").Concat(bytes).Concat("\r\n"u8.ToArray()).ToArray(), cancel).AsTask();
    }

    private async Task RunAsync()
    {
        var connections = new List<Task>();
        try
        {
            for (var next = 0; ; next = Math.Min(next + 1, _script.Length - 1))
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                connections.Add(ServeAsync(client, _script[next]));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client, Func<NetworkStream, CancellationToken, Task> answer)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var head = new StringBuilder();
                var buffer = new byte[4096];
                while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
                {
                    var read = await stream.ReadAsync(buffer, _stop.Token);
                    if (read == 0)
                    {
                        return;
                    }

                    head.Append(Encoding.ASCII.GetString(buffer, 0, read));
                }

                Requests.Enqueue(head.ToString());
                await answer(stream, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The reader went, or the test is over.
            }
        }
    }
}
