using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using MongoDB.Driver;
using Rookery.Bench;
using Rookery.Cluster.Bench;

// What the cluster does for each event, as it grows: calls, writes, memory. Rates too, but everything shares this machine's
// processors here, clients included, so they say little; the counts are what another machine would count.
const string usage = """
    usage: dotnet run -c Release --project bench/Cluster -- [--mongodb CONNECTION] [--events 100000] [--only rate,silos,topics,subscriptions,light,memory,tweets]
    """;
if (args is [FeedProcess.Verb])
{
    await FeedProcess.ServeAsync().ConfigureAwait(false);
    return 0;
}

var began = Stopwatch.GetTimestamp();
string? mongoDb = null;
var events = 100_000;
string[] only = ["rate", "silos", "topics", "subscriptions", "light", "memory", "tweets"];
for (var i = 0; i < args.Length; i += 2)
{
    switch (args[i])
    {
        case "--mongodb" when i + 1 < args.Length:
            mongoDb = args[i + 1];
            break;
        case "--events" when i + 1 < args.Length:
            events = int.Parse(args[i + 1], CultureInfo.InvariantCulture);
            break;
        case "--only" when i + 1 < args.Length:
            only = args[i + 1].Split(',');
            break;
        default:
            await Console.Error.WriteLineAsync(usage).ConfigureAwait(false);
            return 2;
    }
}

// What silos and gateways log would stand between the tables.
Environment.SetEnvironmentVariable("Logging__Console__LogLevel__Default", "None");
Machine.Print();
var storage = mongoDb is null ? "the silo's memory, which nothing outlives" : "a server of MongoDB's protocol, asked for majority and journal; how durable it is, is the server's to say";
BrokerTables.Say($"{RuntimeInformation.FrameworkDescription}, Orleans {Version(typeof(Grain))}, MongoDB.Driver {Version(typeof(MongoClient))}; clients, gateway and silos in one process; storage: {storage}");
var growth = new ClusterGrowth(mongoDb, events);
foreach (var what in only)
{
    await (what == "tweets" ? new TweetTable(mongoDb).RunAsync() : growth.RunAsync(what)).ConfigureAwait(false);
}

Machine.PrintEnd(Stopwatch.GetElapsedTime(began));
return 0;

static string Version(Type type) => type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
