using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>
/// Serves a broker over the line protocol of <c>docs/PROTOCOL.md</c>. The broker stays the host's: it is neither started
/// nor disposed of here.
/// </summary>
public sealed class BrokerServer : IAsyncDisposable
{
    private static readonly object Greeted = new();

    private readonly ConcurrentDictionary<LineConnection, byte> _open = new();
    private readonly IBroker _broker;
    private readonly WireOptions _options;
    private readonly TimeProvider _time;
    private readonly WireLog _log;
    private ITimer? _sweep;
    private ITimer? _watch;
    private TcpHost? _host;
    private int _connections;
    private long _refused;
    private bool _stopping;

    /// <summary>Prepares a server; nothing listens before <see cref="StartAsync"/>.</summary>
    /// <param name="broker">What is served.</param>
    /// <param name="options">How; default: <see cref="WireOptions"/> as they are.</param>
    /// <param name="time">The clock of idle times and deadlines; default: the system's.</param>
    /// <param name="loggers">Where it logs; default: nowhere.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public BrokerServer(IBroker broker, WireOptions? options = null, TimeProvider? time = null, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(broker);
        _broker = broker;
        _options = options ?? new WireOptions();
        _options.Validate();
        _time = time ?? TimeProvider.System;
        _log = new WireLog((loggers ?? NullLoggerFactory.Instance).CreateLogger("Rookery.Wire.BrokerServer"), _time);
        Gatekeeper = _options.Access is { } access ? new Gatekeeper(access, _options.MaxFailedAttempts, _time, _log) : null;
    }

    /// <summary>Where it listens, with the port the system chose where 0 was asked for.</summary>
    /// <exception cref="InvalidOperationException">It was not started.</exception>
    public IPEndPoint EndPoint => _host?.EndPoint ?? throw new InvalidOperationException("the server was not started");

    /// <summary>Who lets clients in, for another server to share; null where everybody may come in.</summary>
    public Gatekeeper? Gatekeeper { get; }

    /// <summary>Connections open now.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connections refused since it started, because <see cref="WireOptions.MaxConnections"/> were open.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The address cannot be listened on; the message names host and port.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var endPoint = new IPEndPoint(_options.Host, _options.Port);
        _host = await TcpHost.StartAsync(endPoint, HandleAsync, cancellationToken, CountAsync, _options.Tls).ConfigureAwait(false);
        if (_options.IdleTimeout > TimeSpan.Zero)
        {
            var period = _options.IdleTimeout / 4;
            _sweep = _time.CreateTimer(static server => ((BrokerServer)server!).CloseIdle(), this, period, period);
        }

        if (_options.SendTimeout > TimeSpan.Zero)
        {
            var period = _options.SendTimeout / 8;
            _watch = _time.CreateTimer(static server => ((BrokerServer)server!).CloseStalled(), this, period, period);
        }

        _log.Listening(EndPoint);
    }

    /// <summary>
    /// Accepts nobody any more, lets pending replies out within <see cref="WireOptions.DrainTimeout"/>, tells every client
    /// and closes. A second call does nothing.
    /// </summary>
    /// <param name="cancellationToken">Cuts it short: what is still open is aborted.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (_host is not { } host || Interlocked.Exchange(ref _stopping, true))
        {
            return;
        }

        if (_sweep is { } sweep)
        {
            await sweep.DisposeAsync().ConfigureAwait(false);
        }

        if (_watch is { } watch)
        {
            await watch.DisposeAsync().ConfigureAwait(false);
        }

        var stopped = host.StopAsync(cancellationToken);
        foreach (var connection in _open.Keys)
        {
            connection.End(Errors.ShuttingDown);
        }

        await stopped.ConfigureAwait(false);
    }

    /// <summary>Stops it, if it runs, and gives everything back.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        if (_host is { } host)
        {
            await host.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Counts a connection before anything of it is read, its TLS handshake included.</summary>
    private async Task CountAsync(ConnectionContext transport, ConnectionDelegate next)
    {
        WireMetrics.Connections.Add(1);
        try
        {
            if (Interlocked.Increment(ref _connections) > _options.MaxConnections)
            {
                await RefuseAsync(transport).ConfigureAwait(false);
                return;
            }

            KeepAlive.Set(transport, _options.KeepAlive);
            await next(transport).ConfigureAwait(false);
            if (_options.Tls is not null && !transport.Items.ContainsKey(Greeted))
            {
                WireMetrics.HandshakesFailed.Add(1);
                _log.HandshakeFailed(transport.RemoteEndPoint);
            }
        }
#pragma warning disable CA1031 // One connection must never take the server with it; what it did is logged.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _log.ConnectionFailed(error);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
            WireMetrics.Connections.Add(-1);
        }
    }

    private async Task HandleAsync(ConnectionContext transport)
    {
        if (_options.Tls is not null)
        {
            transport.Items[Greeted] = null;
        }

        using var connection = new LineConnection(transport, _broker, _options, _time, _log, () => Connections, Gatekeeper);
        _open.TryAdd(connection, 0);
        if (Volatile.Read(ref _stopping))
        {
            connection.End(Errors.ShuttingDown);
        }

        try
        {
            await connection.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            _open.TryRemove(connection, out _);
        }
    }

    private async Task RefuseAsync(ConnectionContext transport)
    {
        Interlocked.Increment(ref _refused);
        WireMetrics.ConnectionsRefused.Add(1);
        _log.TooManyConnections(transport.RemoteEndPoint, _options.MaxConnections);
        if (_options.Tls is not null)
        {
            // Who expects a handshake could not read it.
            return;
        }

        await Errors.RefuseAsync(transport.Transport.Output, _options.MaxConnections).ConfigureAwait(false);
    }

    private void CloseStalled()
    {
        // A round that outlasts its period is not overtaken by the next.
        if (Monitor.TryEnter(_open))
        {
            try
            {
                foreach (var connection in _open.Keys)
                {
                    connection.EndIfStalled(_options.SendTimeout);
                }
            }
            finally
            {
                Monitor.Exit(_open);
            }
        }
    }

    private void CloseIdle()
    {
        foreach (var connection in _open.Keys)
        {
            if (connection.Idle >= _options.IdleTimeout)
            {
                WireMetrics.Idle.Add(1);
                connection.End(Errors.Fill(Errors.Idle, _options.IdleTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)));
            }
        }
    }
}
