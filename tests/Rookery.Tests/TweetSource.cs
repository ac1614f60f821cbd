using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rookery.Command.Tests;

/// <summary>A tweet server that is what the test says: away, in trouble, or streaming given events and then silent.</summary>
internal sealed class TweetSource : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private volatile string _answer = "";

    /// <summary>It has its port, where it refuses connections until <see cref="Listen"/>.</summary>
    public TweetSource() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public string Uri => $"http://{_socket.LocalEndPoint}";

    /// <summary>Answers everything but the question for the lexicon from now on with a status, a type and a body.</summary>
    public void Answer(string status, string type, string body) =>
        _answer = $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}";

    /// <summary>Answers the same with events, and keeps it open.</summary>
    public void Stream(string events) =>
        _answer = $"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n{events}";

    public void Listen()
    {
        _socket.Listen();
        _running = AcceptAsync();
    }

    /// <summary>An event as the original server frames it.</summary>
    public static string Event(string data) => $"event: \"message\"\n\ndata: {data}\n\n";

    /// <summary>An event with a tweet.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="text">Its text, as it stands in JSON, with its quotation marks.</param>
    /// <param name="more">Further members, each with a comma before it.</param>
    public static string Tweet(long id, string text, string more = "") =>
        Event($$$"""{"message": {"tweet": {"id":{{{id}}},"id_str":"{{{id}}}","text":{{{text}}}{{{more}}}}, "unix_timestamp_100us": 16523062290197}}""");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _running;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                open.Add(ServeAsync(await _socket.AcceptAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(Socket peer)
    {
        using (peer)
        {
            try
            {
                var head = new byte[8192];
                var length = 0;
                while (head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
                {
                    length += await peer.ReceiveAsync(head.AsMemory(length), _stop.Token);
                }

                var isStream = head.AsSpan(0, length).IndexOf("GET /emotion_values"u8) != 0;
                var answer = isStream ? _answer : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                await peer.SendAsync(Encoding.UTF8.GetBytes(answer), _stop.Token);
                if (isStream && answer.Contains("200 OK\r\nContent-Type: text/event-stream", StringComparison.Ordinal))
                {
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The reader went, or the test is over.
            }
        }
    }
}
