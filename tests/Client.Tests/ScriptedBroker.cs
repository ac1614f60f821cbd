using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;

namespace Rookery.Client.Tests;

/// <summary>A TCP server on a free port that says only what the test tells it to.</summary>
internal sealed class ScriptedBroker : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Peer> _peers = [];
    private readonly X509Certificate2? _certificate;

    public ScriptedBroker(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Start();
    }

    /// <summary>What the next clients hear when they say hello.</summary>
    public string HelloReply { get; set; } = "ok hello {\"server\":\"scripted\"}";

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public RookeryClientOptions Options => new()
    {
        Port = Port,
        ReconnectMin = TimeSpan.FromMilliseconds(1),
        ReconnectMax = TimeSpan.FromMilliseconds(20),
        CloseTimeout = TimeSpan.FromMilliseconds(200),
        AckDelay = TimeSpan.FromMilliseconds(1),
    };

    /// <summary>The next connection, not greeted.</summary>
    public async Task<Peer> AcceptAsync()
    {
        var tcp = await _listener.AcceptTcpClientAsync().WaitAsync(Deadline);
        Stream stream = tcp.GetStream();
        if (_certificate is not null)
        {
            var secure = new SslStream(stream);
            stream = secure;
            await secure.AuthenticateAsServerAsync(_certificate).WaitAsync(Deadline);
        }

        var peer = new Peer(tcp, stream);
        _peers.Add(peer);
        return peer;
    }

    /// <summary>The next connection, greeted and its hello answered.</summary>
    public async Task<Peer> WelcomeAsync()
    {
        var peer = await AcceptAsync();
        await peer.SayAsync("Successfully connected to message_broker");
        peer.Hello = await peer.ExpectAsync("hello ");
        await peer.SayAsync(HelloReply);
        return peer;
    }

    public async Task<(RookeryClient Client, Peer Peer)> ConnectAsync(Func<RookeryClientOptions, RookeryClientOptions>? change = null)
    {
        var connecting = RookeryClient.ConnectAsync(change is null ? Options : change(Options));
        var peer = await WelcomeAsync();
        return (await connecting.WaitAsync(Deadline), peer);
    }

    /// <summary>The same, with a way to end the connection and wait until the client knows.</summary>
    public async Task<(RookeryClient Client, Peer Peer, Func<Task> LoseAsync)> ConnectToLoseAsync(Func<RookeryClientOptions, RookeryClientOptions>? change = null)
    {
        var lost = new TaskCompletionSource();
        var (client, peer) = await ConnectAsync(o => (change is null ? o : change(o)) with
        {
            ConnectionChanged = c => _ = c.State == ConnectionState.Reconnecting && lost.TrySetResult(),
        });
        return (client, peer, LoseAsync);

        Task LoseAsync()
        {
            peer.Close();
            return lost.Task.WaitAsync(Deadline);
        }
    }

    public void StopListening() => _listener.Stop();

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _peers.ForEach(p => p.Close());
        return ValueTask.CompletedTask;
    }
}

/// <summary>The broker's end of one connection.</summary>
internal sealed class Peer
{
    private readonly TcpClient _tcp;
    private readonly Stream _stream;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    public Peer(TcpClient tcp, Stream stream)
    {
        (_tcp, _stream) = (tcp, stream);
        _tcp.NoDelay = true;
        _ = ReadAsync();
    }

    public string Hello { get; set; } = "";

    public Task SayAsync(string line) => SayRawAsync(line + "\r\n");

    public async Task SayRawAsync(string text) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    public Task PushAsync(string topic, long seq, string message = "\"m\"", int priority = 0, int tries = 1) =>
        SayAsync($$"""{"topic":"{{topic}}","priority":{{priority}},"msg":{{message}},"id":"id{{seq}}","seq":{{seq}},"ts":1700000000000,"tries":{{tries}}}""");

    public async Task<string> NextAsync() => await _lines.Reader.ReadAsync().AsTask().WaitAsync(ScriptedBroker.Deadline);

    public async Task<string> ExpectAsync(string start)
    {
        var line = await NextAsync();
        Assert.StartsWith(start, line, StringComparison.Ordinal);
        return line;
    }

    /// <summary>Reads acknowledgements, answering each, until these many events are acknowledged; returns their numbers in order.</summary>
    public async Task<List<long>> AcksAsync(string topic, int count)
    {
        var all = new List<long>();
        while (all.Count < count)
        {
            var numbers = Numbers(await ExpectAsync($"ack {topic} "));
            all.AddRange(numbers);
            await SayAsync($"acknowledged {numbers.Count}");
        }

        return all;
    }

    public static List<long> Numbers(string ack)
    {
        var numbers = new List<long>();
        foreach (var range in ack.Split(' ')[2].Split(','))
        {
            Assert.StartsWith("#", range, StringComparison.Ordinal);
            var ends = range[1..].Split('-').Select(long.Parse).ToArray();
            for (var n = ends[0]; n <= ends[^1]; n++)
            {
                numbers.Add(n);
            }
        }

        return numbers;
    }

    public void Close() => _tcp.Dispose();

    /// <summary>The client closed the connection, whatever it said before.</summary>
    public async Task ClosedAsync()
    {
        while (await _lines.Reader.WaitToReadAsync().AsTask().WaitAsync(ScriptedBroker.Deadline))
        {
            _lines.Reader.TryRead(out _);
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            using var reader = new StreamReader(_stream, new UTF8Encoding(false), leaveOpen: true);
            while (await reader.ReadLineAsync() is { } line)
            {
                _lines.Writer.TryWrite(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
        }

        _lines.Writer.TryComplete();
    }
}
