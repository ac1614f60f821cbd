using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Rookery.Conformance;

/// <summary>A raw client of the line protocol: sends bytes, reads lines, gives up after a deadline.</summary>
public sealed class LineClient : IAsyncDisposable
{
    /// <summary>The first line of every connection.</summary>
    public const string Greeting = "Successfully connected to message_broker";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    // Half a character is no text.
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly byte[] _chunk = new byte[64 * 1024];
    private readonly Queue<string> _lines = new();
    private readonly MemoryStream _partial = new();

    private LineClient(Socket socket) => Socket = socket;

    /// <summary>The connection.</summary>
    public Socket Socket { get; }

    /// <summary>Connects and reads the greeting; says <c>hello</c>, where one is given, and reads its reply.</summary>
    public static async Task<LineClient> ConnectAsync(IPEndPoint server, string? hello = null, int receiveBuffer = 0)
    {
        var client = await OpenAsync(server, receiveBuffer);
        await client.ExpectAsync(Greeting);
        if (hello is not null)
        {
            await client.SendAsync($"hello {hello}");
            Assert.StartsWith("ok hello {\"server\":\"rookery/", await client.ReadAsync(), StringComparison.Ordinal);
        }

        return client;
    }

    /// <summary>Connects and reads nothing.</summary>
    public static async Task<LineClient> OpenAsync(IPEndPoint server, int receiveBuffer = 0)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        await socket.ConnectAsync(server);
        return new LineClient(socket);
    }

    /// <summary>Sends lines, each ended by <c>\r\n</c>, in one piece.</summary>
    public Task SendAsync(params string[] lines) => SendBytesAsync(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\r\n"))));

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await Socket.SendAsync(bytes).AsTask().WaitAsync(Deadline)..];
        }
    }

    /// <summary>Reads the next line, which ends in <c>\r\n</c> and has no other line break.</summary>
    public async Task<string> ReadAsync() => await TryReadAsync() ?? throw new EndOfStreamException("the server closed the connection");

    /// <summary>Reads the next line; null where the server closed the connection.</summary>
    public async Task<string?> TryReadAsync()
    {
        while (_lines.Count == 0)
        {
            var count = await Socket.ReceiveAsync(_chunk.AsMemory()).AsTask().WaitAsync(Deadline);
            if (count == 0)
            {
                Assert.Equal(0, _partial.Length);
                return null;
            }

            Take(_chunk.AsSpan(0, count));
        }

        return _lines.Dequeue();
    }

    /// <summary>Reads the next lines, which must be these.</summary>
    public async Task ExpectAsync(params string[] lines)
    {
        foreach (var line in lines)
        {
            Assert.Equal(line, await ReadAsync());
        }
    }

    /// <summary>Sends one line and reads its reply, which must be these lines.</summary>
    public async Task AskAsync(string line, params string[] reply)
    {
        await SendAsync(line);
        await ExpectAsync(reply);
    }

    /// <summary>Shows that nothing came: the next line is the answer to a ping.</summary>
    public Task ExpectNothingAsync() => AskAsync("ping", "pong");

    /// <summary>Reads until the server closes; the lines it still said.</summary>
    public async Task<IReadOnlyList<string>> ReadToEndAsync()
    {
        var lines = new List<string>();
        while (await TryReadAsync() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Socket.Dispose();
        _partial.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var end = bytes.IndexOf((byte)'\n');
            _partial.Write(end < 0 ? bytes : bytes[..end]);
            if (end < 0)
            {
                return;
            }

            var line = Strict.GetString(_partial.GetBuffer(), 0, (int)_partial.Length);
            Assert.True(line.EndsWith('\r') && !line[..^1].Contains('\r'), $"not one line ended by CR LF: {line}");
            _lines.Enqueue(line[..^1]);
            _partial.SetLength(0);
            bytes = bytes[(end + 1)..];
        }
    }
}
