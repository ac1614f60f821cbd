using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Rookery.Crash.Tests;

/// <summary>
/// A client of the line protocol whose server may die at any moment: then there are no more lines, and half a line is none.
/// </summary>
internal sealed class RawClient : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly Socket _socket;
    private readonly byte[] _chunk = new byte[64 * 1024];
    private readonly Queue<string> _lines = new();
    private readonly MemoryStream _partial = new();

    private RawClient(Socket socket) => _socket = socket;

    /// <summary>Whether a line can be had without waiting.</summary>
    public bool HasMore => _lines.Count > 0 || _socket.Available > 0;

    /// <summary>Connects and says hello; null where the server died meanwhile, or refused and may.</summary>
    public static async Task<RawClient?> ConnectAsync(int port, string hello, bool mayRefuse = false)
    {
        var client = new RawClient(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            await client._socket.ConnectAsync(IPAddress.Loopback, port);
        }
        catch (SocketException)
        {
            client.Dispose();
            return null;
        }

        await client.SendAsync($"hello {hello}\n");
        var greeting = await client.ReadAsync();
        if (greeting is not null && await client.ReadAsync() is { } reply)
        {
            if (mayRefuse && (greeting.StartsWith("error: ", StringComparison.Ordinal) || reply.StartsWith("error: ", StringComparison.Ordinal)))
            {
                client.Dispose();
                return null;
            }

            Assert.Equal("Successfully connected to message_broker", greeting);
            Assert.StartsWith("ok hello ", reply, StringComparison.Ordinal);
            return client;
        }

        client.Dispose();
        return null;
    }

    /// <summary>Sends text; where the server died nobody will answer it.</summary>
    public async Task SendAsync(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text).AsMemory();
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[await _socket.SendAsync(bytes).AsTask().WaitAsync(Deadline)..];
            }
        }
        catch (SocketException)
        {
            // The reader will see it.
        }
    }

    /// <summary>The next line; null where there are no more.</summary>
    public async Task<string?> ReadAsync()
    {
        while (_lines.Count == 0)
        {
            int count;
            try
            {
                count = await _socket.ReceiveAsync(_chunk.AsMemory()).AsTask().WaitAsync(Deadline);
            }
            catch (SocketException)
            {
                return null;
            }

            if (count == 0)
            {
                return null;
            }

            Take(_chunk.AsSpan(0, count));
        }

        return _lines.Dequeue();
    }

    /// <summary>Sends a line and reads its answer, which must be this one; false where the server died.</summary>
    public async Task<bool> AskAsync(string line, string answer)
    {
        await SendAsync(line + "\n");
        if (await ReadAsync() is not { } said)
        {
            return false;
        }

        Assert.Equal(answer, said);
        return true;
    }

    /// <summary>Figures of a topic; null where the server died, or has no such topic.</summary>
    public async Task<JsonElement?> StatsAsync(string topic)
    {
        await SendAsync($"stats {topic}\n");
        return await ReadAsync() is { } said && said.StartsWith("ok stats ", StringComparison.Ordinal)
            ? JsonDocument.Parse(said["ok stats ".Length..]).RootElement
            : null;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _partial.Dispose();
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            _partial.Write(bytes[..end]);
            _lines.Enqueue(Encoding.UTF8.GetString(_partial.GetBuffer(), 0, (int)_partial.Length).TrimEnd('\r'));
            _partial.SetLength(0);
            bytes = bytes[(end + 1)..];
        }

        _partial.Write(bytes);
    }
}
