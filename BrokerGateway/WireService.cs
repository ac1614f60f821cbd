using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rookery.Wire;

namespace Rookery.BrokerGateway;

/// <summary>Serves clients from the time the cluster was reached until the program ends.</summary>
internal sealed class WireService(ClusterBroker broker, GatewaySettings settings, ILoggerFactory logs) : IHostedService, IAsyncDisposable
{
    private readonly BrokerServer _server = new(broker, settings.Wire, TimeProvider.System, logs);

    public bool IsServing { get; private set; }

    public System.Net.IPEndPoint EndPoint => _server.EndPoint;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(cancellationToken).ConfigureAwait(false);
        IsServing = true;
        GatewayLog.Serving(broker.Logger, _server.EndPoint.ToString(), settings.Http.ToString());
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        IsServing = false;
        await _server.StopAsync(cancellationToken).ConfigureAwait(false);
        await broker.DisposeAsync().ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
