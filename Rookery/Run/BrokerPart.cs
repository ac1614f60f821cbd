using System.Net;
using Microsoft.Extensions.Logging;
using Rookery.Local;
using Rookery.Wire;

namespace Rookery.Command;

/// <summary>The broker and the port that serves it.</summary>
internal sealed class BrokerPart : IAsyncDisposable
{
    // The change feed and the statistics talk to the broker as connections do; no number of connections keeps them out.
    private const int OwnSessions = 16;

    // One for each connection and each subscription of HTTP.
    private static readonly int HttpSessions = new HttpOptions().MaxConnections + new HttpOptions().MaxSubscriptions;

    private readonly LocalBroker _broker;
    private readonly BrokerServer _server;

    private readonly WireOptions _options;

    private BrokerPart(LocalBroker broker, BrokerServer server, WireOptions options) => (_broker, _server, _options) = (broker, server, options);

    public LocalBroker Broker => _broker;

    public IPEndPoint EndPoint => _server.EndPoint;

    /// <summary>Counts failed tokens, for the other port too.</summary>
    public Gatekeeper? Gatekeeper => _server.Gatekeeper;

    public bool HasTls => _options.Tls is not null;

    public int Connections => _server.Connections;

    public static async Task<BrokerPart> StartAsync(RunSettings settings, DataDirectory data, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var wire = settings.Access.ApplyTo(settings.Wire with { Host = settings.Host, Port = settings.BrokerPort });
        var options = new LocalBrokerOptions
        {
            Directory = data.Root,
            Opened = data,
            Limits = settings.Limits,
            MaxSessions = wire.MaxConnections + OwnSessions + (settings.HttpPort is null ? 0 : HttpSessions),
            Journal = new JournalOptions { Durability = settings.Durability },
        };
        var broker = await OpenAsync(options, logs, cancellationToken);
        var part = new BrokerPart(broker, new BrokerServer(broker, wire, TimeProvider.System, logs), wire);
        try
        {
            await Listening.StartAsync(() => part._server.StartAsync(cancellationToken), "--broker-port", wire.Port);
            return part;
        }
        catch
        {
            await part.DisposeAsync();
            throw;
        }
    }

    /// <summary>HTTP with the same tokens and certificate.</summary>
    public HttpOptions HttpOptions(RunSettings settings) => new()
    {
        Host = settings.Host,
        Names = settings.HttpNames,
        Access = _options.Access,
        Tls = _options.Tls,
        MaxFailedAttempts = _options.MaxFailedAttempts,
        FailedAttemptDelay = _options.FailedAttemptDelay,
    };

    /// <summary>Gives memory back that nobody needs at present.</summary>
    public void Trim() => _broker.Trim();

    /// <summary>Tells the clients and closes; what they were promised is kept.</summary>
    public Task StopAsync(CancellationToken deadline) => _server.StopAsync(deadline);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _broker.DisposeAsync();
    }

    private static async Task<LocalBroker> OpenAsync(LocalBrokerOptions options, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        try
        {
            return await LocalBroker.OpenAsync(options, TimeProvider.System, logs, cancellationToken);
        }
        catch (IOException failed)
        {
            throw DataFolder.Failure(failed);
        }
    }
}
