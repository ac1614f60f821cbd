using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Rookery.Wire;

/// <summary>
/// Shows tweets as they are processed to anyone who types <c>twitter</c>: one shared pipeline, any number of viewers.
/// </summary>
public sealed class ViewerServer : IAsyncDisposable
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stopping = new();
    private readonly IViewerSource _source;
    private readonly ViewerOptions _options;
    private readonly WireLog _log;
    private TcpHost? _host;
    private int _viewers;
    private bool _isDisposed;

    /// <summary>Prepares a server; nothing listens before <see cref="StartAsync"/>.</summary>
    /// <param name="source">Where the tweets come from.</param>
    /// <param name="options">How; default: <see cref="ViewerOptions"/> as they are.</param>
    /// <param name="loggers">Where it logs; default: nowhere.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public ViewerServer(IViewerSource source, ViewerOptions? options = null, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        _source = source;
        _options = options ?? new ViewerOptions();
        _options.Validate();
        _log = new WireLog((loggers ?? NullLoggerFactory.Instance).CreateLogger("Rookery.Wire.ViewerServer"), TimeProvider.System);
    }

    /// <summary>Where it listens, with the port the system chose where 0 was asked for.</summary>
    /// <exception cref="InvalidOperationException">It was not started.</exception>
    public IPEndPoint EndPoint => _host?.EndPoint ?? throw new InvalidOperationException("the server was not started");

    /// <summary>Connections open now.</summary>
    public int Viewers => Volatile.Read(ref _viewers);

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The address cannot be listened on; the message names host and port.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        _host = await TcpHost.StartAsync(new IPEndPoint(_options.Host, _options.Port), HandleAsync, cancellationToken).ConfigureAwait(false);
        _log.Listening(EndPoint);
    }

    /// <summary>Accepts nobody any more and closes what is open; after <see cref="DisposeAsync"/> it does nothing.</summary>
    /// <param name="cancellationToken">Cuts it short: what is still open is aborted.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref _isDisposed))
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_host is { } host)
        {
            await host.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stops it, if it runs, and gives everything back.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        if (_host is { } host)
        {
            await host.DisposeAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    private async Task HandleAsync(ConnectionContext transport)
    {
        WireMetrics.Viewers.Add(1);
        try
        {
            if (Interlocked.Increment(ref _viewers) > _options.MaxViewers)
            {
                WireMetrics.ConnectionsRefused.Add(1);
                _log.TooManyConnections(transport.RemoteEndPoint, _options.MaxViewers);
                await Errors.RefuseAsync(transport.Transport.Output, _options.MaxViewers).ConfigureAwait(false);
                return;
            }

            KeepAlive.Set(transport, Silence);
            using var viewer = new Viewer(transport.Transport, _source);
            using var stop = _stopping.Token.UnsafeRegister(static transport => ((ConnectionContext)transport!).Abort(), transport);
            await viewer.RunAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The viewer closed the window.
        }
#pragma warning disable CA1031 // One viewer must never take the server with it; what went wrong is logged.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _log.ConnectionFailed(error);
        }
        finally
        {
            Interlocked.Decrement(ref _viewers);
            WireMetrics.Viewers.Add(-1);
        }
    }
}
