using System.Net.Sockets;

namespace Rookery.Cluster.Crash.Tests;

/// <summary>A silo or gateway as a process, started again whenever it ends, as whoever runs a cluster would.</summary>
internal sealed class Member : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    private const int MostSaid = 8192;

    private readonly Func<RookeryProcess> _start;
    private readonly Task _keeping;
    private volatile RookeryProcess _process;
    private volatile bool _stays = true;
    private volatile string _said = "";

    /// <param name="name">What a failure calls it.</param>
    /// <param name="httpPort">Where it tells its health.</param>
    /// <param name="start">Starts the process.</param>
    public Member(string name, int httpPort, Func<RookeryProcess> start)
    {
        (Name, HttpPort, _start) = (name, httpPort, start);
        _process = start();
        _keeping = KeepAsync();
    }

    public string Name { get; }

    public int HttpPort { get; }

    /// <summary>Times that it was started again.</summary>
    public int Restarts { get; private set; }

    /// <summary>What the processes said, the last of it.</summary>
    public string All
    {
        get
        {
            var all = _said + _process.Out + _process.Error;
            return all.Length > MostSaid ? all[^MostSaid..] : all;
        }
    }

    public Task SignalAsync(string signal) => _process.SignalAsync(signal);

    /// <summary>Waits until it is ready for work.</summary>
    public Task ReadyAsync() => Eventually.HoldsAsync(IsReadyAsync, () => $"{Name} does not get ready: {All}", Deadline);

    /// <summary>Ends it, once and for all, by a signal.</summary>
    public async Task EndAsync(string signal)
    {
        _stays = false;
        await _process.SignalAsync("CONT");
        await _process.SignalAsync(signal);
        await _keeping.WaitAsync(Deadline);
    }

    /// <summary>Ends it by a signal and waits until its successor is ready.</summary>
    public async Task RestartAsync(string signal)
    {
        var restarts = Restarts;
        await _process.SignalAsync(signal);
        await Eventually.HoldsAsync(() => Restarts != restarts, () => $"{Name} does not end: {All}", Deadline);
        await ReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_keeping.IsCompleted)
        {
            await EndAsync("KILL");
        }
    }

    private async Task KeepAsync()
    {
        while (true)
        {
            await _process.EndedAsync();
            _said = All;
            await _process.DisposeAsync();
            if (!_stays)
            {
                return;
            }

            _process = _start();
            Restarts++;
        }
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync("127.0.0.1", HttpPort);
            await using var stream = socket.GetStream();
            await stream.WriteAsync("GET /health/ready HTTP/1.0\r\n\r\n"u8.ToArray());
            using var reader = new StreamReader(stream);
            return (await reader.ReadToEndAsync().WaitAsync(Deadline)).EndsWith("\nready\n", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
