using Rookery.Broker;
using Rookery.Wire;

namespace Rookery.Conformance;

/// <summary>A host whose broker is held to the contract: made for one test, disposed of after it.</summary>
public abstract class ConformanceHost : IAsyncDisposable
{
    /// <summary>The broker under test; after a restart the new one.</summary>
    public abstract IBroker Broker { get; }

    /// <summary>Lets time pass for the broker. A host with a clock of its own moves that; default: waits.</summary>
    public virtual ValueTask AdvanceAsync(TimeSpan time) => new(Task.Delay(time));

    /// <summary>Ends the broker as a crash would, as far as the host can, and starts it on what it had stored.</summary>
    public virtual ValueTask RestartAsync() => throw new NotSupportedException("this host cannot restart its broker");

    /// <summary>Serves the broker on a port of its own.</summary>
    public async Task<BrokerServer> ServeAsync()
    {
        var server = new BrokerServer(Broker, new WireOptions { Port = 0 });
        await server.StartAsync();
        return server;
    }

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
