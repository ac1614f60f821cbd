using Microsoft.Extensions.Logging.Abstractions;

namespace Rookery.Command;

/// <summary>A broker of this process, in a temporary folder that goes with it.</summary>
internal sealed class BenchBroker : IAsyncDisposable
{
    private readonly string _folder;
    private RunHost? _host;

    private BenchBroker(string folder) => _folder = folder;

    public int Port { get; private set; }

    public static async Task<BenchBroker> StartAsync(string durability, CancellationToken stop)
    {
        var broker = new BenchBroker(Directory.CreateTempSubdirectory("rookery-bench-").FullName);
        try
        {
            var run = new System.CommandLine.Command(RunCommand.Name);
            RunCommand.AddTo(run);
            var settings = RunCommand.Read(run.Parse(["--no-tweets", "--no-http", "--broker-port", "0", "--data", broker._folder, "--durability", durability]), _ => null);
            broker._host = await RunHost.StartAsync(settings, NullLoggerFactory.Instance, _ => { }, stop);
            broker.Port = broker._host.BrokerPort;
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
