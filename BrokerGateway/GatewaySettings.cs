using System.Net;
using Rookery.Hosting;
using Rookery.Wire;

namespace Rookery.BrokerGateway;

/// <summary>How a gateway is set up, from its command line and environment.</summary>
internal sealed record GatewaySettings
{
    private const int DefaultHttpPort = 8082;

    /// <summary>Silos to ask; empty: those that MongoDB names.</summary>
    public IPEndPoint[] Silos { get; private init; } = [];

    public string MongoDb { get; private init; } = "";

    public string Database { get; private init; } = "";

    public string Cluster { get; private init; } = "";

    /// <summary>Where the broker is served over HTTP, with metrics and health.</summary>
    public IPEndPoint Http { get; private init; } = new(IPAddress.Loopback, 0);

    /// <summary>How.</summary>
    public HttpOptions HttpOptions { get; private init; } = new();

    /// <summary>The port that shows tweets; null: there is none.</summary>
    public ViewerOptions? Viewers { get; private init; }

    /// <summary>Time for clients to be told and topics to be left when the gateway is told to end.</summary>
    public TimeSpan DrainTime { get; private init; }

    public WireOptions Wire { get; private init; } = new();

    public ClusterBrokerOptions Broker { get; private init; } = new();

    /// <summary>Where a gateway of this machine, with these settings, is asked how it is.</summary>
    /// <exception cref="FormatException">A setting is out of its bounds.</exception>
    public static Uri HealthOf(Settings settings) =>
        ClusterProgram.PlaceOf(settings, DefaultHttpPort, GatewayAccess.ServesHttps(settings) ? Uri.UriSchemeHttps : Uri.UriSchemeHttp);

    /// <exception cref="FormatException">A setting is unknown or out of its bounds; the message names it.</exception>
    /// <exception cref="ArgumentException">As above.</exception>
    public static GatewaySettings Read(Settings settings)
    {
        var (wire, http) = (new WireOptions(), new HttpOptions());
        var place = new IPEndPoint(settings.Address("http-address", IPAddress.Loopback), settings.Number("http-port", DefaultHttpPort, 0, IPEndPoint.MaxPort));
        var host = settings.Address("host", IPAddress.Loopback);
        var access = GatewayAccess.ReadTokens(settings, host, place.Address);
        var certificate = GatewayAccess.ReadCertificate(settings);
        wire = wire with
        {
            Host = host,
            Access = access,
            Tls = certificate,
            Port = settings.Number("port", 8000, 0, IPEndPoint.MaxPort),
            MaxConnections = settings.Number("max-connections", wire.MaxConnections, 1, 1_000_000),
        };
        var read = new GatewaySettings
        {
            Silos = settings.EndPoints("silos"),
            MongoDb = settings.Text("mongodb", "mongodb://127.0.0.1:27017"),
            Database = settings.Text("database", "rookery"),
            Cluster = settings.Text("cluster", "rookery"),
            Http = place,
            DrainTime = settings.Seconds("drain-seconds", 20, 1, 600),
            Wire = wire,

            // A scrape of every gateway that asked every topic of the cluster would wake them all.
            HttpOptions = http with
            {
                Host = place.Address,
                Access = access,
                Tls = GatewayAccess.ServesHttps(settings) ? certificate : null,
                Names = settings.Text("http-names", "").Split(',', StringSplitOptions.RemoveEmptyEntries),
                TopicMetrics = false,
            },
            Viewers = settings.Find("viewer-port") is null ? null
                : new ViewerOptions { Host = wire.Host, Port = settings.Number("viewer-port", 0, 0, IPEndPoint.MaxPort) },
            Broker = new ClusterBrokerOptions
            {
                Limits = ClusterLimits.Read(settings),

                // Beside those of the line protocol, one for each connection and each subscription of HTTP, and each viewer.
                MaxSessions = Math.Min(1_000_000, wire.MaxConnections + http.MaxConnections + http.MaxSubscriptions + new ViewerOptions().MaxViewers),
                CallTimeout = settings.Seconds("call-timeout-seconds", 5, 0.1, 600),
                AttemptTimeout = settings.Seconds("attempt-timeout-seconds", 2, 0.05, 600),
            },
        };
        settings.RefuseUnknown();
        read.Wire.Validate();
        read.Broker.Validate();
        read.HttpOptions.Validate();
        read.Viewers?.Validate();
        return read;
    }
}
