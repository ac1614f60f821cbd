using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rookery.Broker;
using Rookery.Tweets;
using Rookery.Wire;

namespace Rookery.BrokerGateway;

/// <summary>Serves clients from the time the cluster was reached until the program ends.</summary>
internal sealed class WireService(ClusterBroker broker, HttpServer http, GatewaySettings settings, ILoggerFactory logs) : IHostedService, IAsyncDisposable
{
    private readonly BrokerServer _server = new(broker, settings.Wire, TimeProvider.System, logs);

    private readonly ViewerServer? _viewers = settings.Viewers is { } viewers
        ? new ViewerServer(new TopicViewers(broker, TopicName.Parse(TopicNames.Tweets), TimeProvider.System), viewers, logs) : null;

    public bool IsServing { get; private set; }

    public IPEndPoint EndPoint => _server.EndPoint;

    /// <summary>Where tweets are shown; null: nowhere.</summary>
    public IPEndPoint? ViewerEndPoint => _viewers?.EndPoint;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(cancellationToken).ConfigureAwait(false);
        if (_viewers is not null)
        {
            await _viewers.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        IsServing = true;
        GatewayLog.Serving(broker.Logger, _server.EndPoint.ToString(), $"{(settings.HttpOptions.Tls is null ? "http" : "https")}://{settings.Http}");
        WarnIfPlain(_server.EndPoint, settings.Wire.Tls);
        WarnIfPlain(settings.Http, settings.HttpOptions.Tls);
    }

    private void WarnIfPlain(IPEndPoint place, TlsCertificate? certificate)
    {
        if (certificate is null && !IPAddress.IsLoopback(place.Address))
        {
            GatewayLog.Plain(broker.Logger, place);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        IsServing = false;
        if (_viewers is not null)
        {
            await _viewers.StopAsync(cancellationToken).ConfigureAwait(false);
        }

        await http.StopAsync(cancellationToken).ConfigureAwait(false);
        await _server.StopAsync(cancellationToken).ConfigureAwait(false);
        await broker.DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_viewers is not null)
        {
            await _viewers.DisposeAsync().ConfigureAwait(false);
        }

        await _server.DisposeAsync().ConfigureAwait(false);
    }
}
