using Rookery.Broker;
using Rookery.Conformance;

namespace Rookery.Local.Tests;

/// <summary>The broker of the one-process host, made for the tests of the contract.</summary>
internal sealed class LocalBrokerHost : ConformanceHost
{
    private readonly Stack<IDisposable> _folders = new();
    private readonly List<LocalBroker> _brokers = [];
    private readonly ManualTimeProvider? _time;
    private Func<Task<LocalBroker>> _afterCrash = null!;

    private LocalBrokerHost(ManualTimeProvider? time) => _time = time;

    public override IBroker Broker => _brokers[^1];

    /// <summary>On a disk in memory that a crash leaves with what was synced; with a clock of its own.</summary>
    public static async ValueTask<ConformanceHost> InMemoryAsync()
    {
        var host = new LocalBrokerHost(new ManualTimeProvider());
        await host.OpenAsync(new FaultyFiles());
        return host;
    }

    /// <summary>In a folder; with the clock of the system.</summary>
    public static async ValueTask<ConformanceHost> OnFilesAsync()
    {
        var host = new LocalBrokerHost(time: null);
        await host.OpenAsync(new TemporaryFolder());
        return host;
    }

    public override async ValueTask AdvanceAsync(TimeSpan time)
    {
        if (_time is null)
        {
            await base.AdvanceAsync(time);
        }
        else
        {
            // What is due is posted to topics; their turn comes before that of the next command.
            _time.Advance(time);
            await Task.Yield();
        }
    }

    /// <summary>The old broker goes on, on what is its own: nothing it still does helps the new one.</summary>
    public override async ValueTask RestartAsync() => _brokers.Add(await _afterCrash());

    public override async ValueTask DisposeAsync()
    {
        foreach (var broker in _brokers)
        {
            await broker.DisposeAsync();
        }

        while (_folders.TryPop(out var folder))
        {
            folder.Dispose();
        }

        await base.DisposeAsync();
    }

    private async Task OpenAsync(FaultyFiles files)
    {
        _brokers.Add(await BrokerFixture.Open(files, time: _time));
        _afterCrash = async () =>
        {
            var left = files.PowerLoss();
            return await BrokerFixture.Open(left, time: _time);
        };
    }

    private async Task OpenAsync(TemporaryFolder folder)
    {
        _folders.Push(folder);
        _brokers.Add(await BrokerFixture.Open(folder.Path));
        _afterCrash = async () =>
        {
            var left = TemporaryFolder.CopyOf(folder.Path);
            _folders.Push(left);
            return await BrokerFixture.Open(left.Path);
        };
    }
}
