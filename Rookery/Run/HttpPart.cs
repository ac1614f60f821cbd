using System.Net;
using Microsoft.Extensions.Logging;
using Rookery.Wire;

namespace Rookery.Command;

/// <summary>The page, and the broker over HTTP.</summary>
internal sealed class HttpPart : IAsyncDisposable
{
    private readonly LiveRoutes _live;
    private readonly HttpServer _server;

    private HttpPart(HttpOptions options, RunView view, MetricsCollector metrics, ILoggerFactory logs)
    {
        HasTls = options.Tls is not null;
        _live = new LiveRoutes(view, options, TimeProvider.System, logs.CreateLogger<LiveRoutes>());
        _server = new HttpServer(view.Broker, options, [_live, new PageFiles()], metrics, TimeProvider.System, logs);
    }

    public IPEndPoint EndPoint => _server.EndPoint;

    public bool HasTls { get; }

    public static async Task<HttpPart> StartAsync(HttpOptions options, RunView view, MetricsCollector metrics, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var part = new HttpPart(options, view, metrics, logs);
        try
        {
            await Listening.StartAsync(() => part._server.StartAsync(cancellationToken), "--http-port", options.Port);
            return part;
        }
        catch
        {
            await part.DisposeAsync();
            throw;
        }
    }

    public Task StopAsync(CancellationToken deadline)
    {
        _live.End();
        return _server.StopAsync(deadline);
    }

    public async ValueTask DisposeAsync()
    {
        _live.End();
        await _server.DisposeAsync();
        _live.Dispose();
    }
}
