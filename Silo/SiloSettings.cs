using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Rookery.Grains;
using Rookery.Hosting;

namespace Rookery.Silo;

/// <summary>How a silo is set up, from its command line and environment.</summary>
internal sealed record SiloSettings
{
    /// <summary>Nothing is stored but in the memory of the first silo.</summary>
    public bool InMemory { get; private init; }

    public string MongoDb { get; private init; } = "";

    public string Database { get; private init; } = "";

    public string Cluster { get; private init; } = "";

    /// <summary>Address under which other silos and gateways reach this one.</summary>
    public IPAddress Address { get; private init; } = IPAddress.Loopback;

    public int SiloPort { get; private init; }

    public int GatewayPort { get; private init; }

    /// <summary>Without MongoDB: the silo that the others of the cluster ask; null: this one.</summary>
    public IPEndPoint? Primary { get; private init; }

    /// <summary>Where health and dashboard are served.</summary>
    public IPEndPoint Http { get; private init; } = new(IPAddress.Loopback, 0);

    /// <summary>What the dashboard asks for; null: nothing, on loopback only.</summary>
    public string? DashboardToken { get; private init; }

    /// <summary>Time for topics to complete what is under way when the silo is told to end.</summary>
    public TimeSpan DrainTime { get; private init; }

    /// <summary>Time in which another silo has to answer; one that misses two is declared dead.</summary>
    public TimeSpan ProbeTime { get; private init; }

    /// <summary>Calls that may wait for one grain.</summary>
    public int MaxQueued { get; private init; }

    /// <summary>Calls that may wait for one stateless worker.</summary>
    public int MaxQueuedPerWorker { get; private init; }

    /// <summary>Percent of processor or memory in use from which gateways are sent to another silo; null: never.</summary>
    public int? ShedAbove { get; private init; }

    public TopicOptions Topics { get; private init; } = new();

    /// <summary>How tweets are kept in MongoDB.</summary>
    public MongoTweetOptions Tweets { get; private init; } = new();

    /// <summary>Streams are read with the parser of the runtime instead of LaunchDarkly's.</summary>
    public bool RuntimeReader { get; private init; }

    /// <summary>The tweet half.</summary>
    public PipelineOptions Pipeline { get; private init; } = new();

    /// <exception cref="FormatException">A setting is unknown or out of its bounds; the message names it.</exception>
    /// <exception cref="ArgumentException">As above.</exception>
    public static SiloSettings Read(Settings settings)
    {
        var inMemory = settings.OneOf("storage", "mongodb", "memory") == "memory";
        var defaults = new TopicOptions();
        var read = new SiloSettings
        {
            InMemory = inMemory,
            MongoDb = settings.Text("mongodb", "mongodb://127.0.0.1:27017"),
            Database = settings.Text("database", "rookery"),
            Cluster = settings.Text("cluster", "rookery"),
            Address = settings.Find("address") == "auto" ? OwnAddress() : settings.Address("address", IPAddress.Loopback),
            SiloPort = settings.Number("silo-port", 11111, 1, IPEndPoint.MaxPort),
            GatewayPort = settings.Number("gateway-port", 30000, 1, IPEndPoint.MaxPort),
            Primary = settings.EndPoints("primary").FirstOrDefault(),
            Http = new IPEndPoint(settings.Address("http-address", IPAddress.Loopback), settings.Number("http-port", 8081, 0, IPEndPoint.MaxPort)),
            DashboardToken = settings.Find("dashboard-token"),
            DrainTime = settings.Seconds("drain-seconds", 20, 1, 600),
            ProbeTime = settings.Seconds("probe-seconds", 1, 1, 60),
            MaxQueued = settings.Number("max-queued-calls", 10_000, 16, 1_000_000),
            MaxQueuedPerWorker = settings.Number("max-queued-calls-per-worker", 1_000, 2, 1_000_000),
            ShedAbove = settings.Number("shed-load-above-percent", 100, 1, 100) is < 100 and var percent ? percent : null,
            RuntimeReader = settings.OneOf("stream-reader", "launchdarkly", "runtime") == "runtime",
            Topics = defaults with
            {
                Durability = inMemory ? "memory" : "majority",
                GatewayLease = settings.Seconds("gateway-lease-seconds", 10, 1, 600),
                // Gateways give a pull up after 5 s, and make the call anew.
                PollTime = settings.Seconds("poll-seconds", 2, 0.1, 4),
                Log = defaults.Log with
                {
                    StorageTimeout = settings.Seconds("storage-timeout-seconds", 10, 0.1, 600),
                    TombstoneTime = settings.Seconds("tombstone-seconds", 3600, 1, 30 * 86400),
                },
                Limits = ClusterLimits.Read(settings),
            },
            Tweets = new MongoTweetOptions
            {
                Timeout = settings.Seconds("mongodb-timeout-seconds", new MongoTweetOptions().Timeout.TotalSeconds, 2, 600),
                KeepOriginals = settings.OneOf("originals", "document", "none") == "document",
                MaxTweets = settings.Number("max-tweets", 5_000_000, 1000, int.MaxValue),
                MaxAge = settings.Seconds("max-tweet-age-seconds", 30 * 86400, 60, 3650 * 86400.0),
            },
        };
        read = read with
        {
            Tweets = read.Tweets with { Database = read.Database },
            Pipeline = PipelineSettings.Read(settings, keepOriginals: !inMemory && read.Tweets.KeepOriginals),
        };
        settings.RefuseUnknown();
        read.Topics.Validate();
        if (!IPAddress.IsLoopback(read.Http.Address) && string.IsNullOrWhiteSpace(read.DashboardToken))
        {
            throw new FormatException($"http-address is {read.Http.Address}, which others can reach: the dashboard needs a dashboard-token (ROOKERY_DASHBOARD_TOKEN)");
        }

        return read;
    }

    /// <summary>The first address of this machine, or container, that others can reach.</summary>
    private static IPAddress OwnAddress() =>
        NetworkInterface.GetAllNetworkInterfaces()
            .Where(one => one is { OperationalStatus: OperationalStatus.Up, NetworkInterfaceType: not NetworkInterfaceType.Loopback })
            .SelectMany(one => one.GetIPProperties().UnicastAddresses)
            .Select(one => one.Address)
            .Where(one => one.AddressFamily == AddressFamily.InterNetwork || one is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv6LinkLocal: false })
            .OrderBy(one => one.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
            .FirstOrDefault()
        ?? throw new FormatException("address (ROOKERY_ADDRESS) is \"auto\", but this machine has no address that others can reach");
}
