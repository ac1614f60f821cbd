using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Rookery.Cluster.Tests;

/// <summary>A MongoDB server that a test kills and starts again over the same data.</summary>
internal sealed class MongoServer : IAsyncDisposable
{
    private readonly int _port;
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"rookery-mongo-{Guid.NewGuid():N}");
    private Process? _process;

    public MongoServer()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _port = ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>As a cluster is told of it.</summary>
    public string Address => $"mongodb://127.0.0.1:{_port}";

    /// <summary>For a client that is to notice soon that nobody is there.</summary>
    public string ConnectionString => $"{Address}/?serverSelectionTimeoutMS=1000&connectTimeoutMS=1000";

    public async Task StartAsync()
    {
        var command = MongoServerFactAttribute.Command!
            .Replace("{port}", $"{_port}", StringComparison.Ordinal).Replace("{data}", _data, StringComparison.Ordinal);
        _process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec {command}"]) { RedirectStandardOutput = true })!;
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, _port);
                return;
            }
            catch (SocketException) when (deadline.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50);
            }
        }
    }

    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            Kill();
        }

        foreach (var file in Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(_data) + "*"))
        {
            File.Delete(file);
        }

        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }

        return ValueTask.CompletedTask;
    }
}
