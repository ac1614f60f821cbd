using System.CommandLine;
using System.Net;
using Rookery.Local;

namespace Rookery.Command;

/// <summary><c>rookery run</c>: broker, tweet server, pipeline and store in one process.</summary>
internal static class RunCommand
{
    public const string Name = "run";

    public static readonly Setting<string?> Data = Settings.Text("--data", "Folder that everything is kept in; made where missing", "data/", "folder");
    public static readonly Setting<string?> Host = Settings.Text("--host", "Address to listen on; * for every IPv4 address", "127.0.0.1", "address");
    public static readonly Setting<bool> NoTweets = Settings.Flag("--no-tweets", "The broker alone");
    public static readonly Setting<Uri?> Source = Url(
        "--source", "Read the tweets of another server, such as http://host:4000; without it one is started here", "http://127.0.0.1:4000").IdleWith(NoTweets);
    private static readonly Setting<bool> NoHttp = Settings.Flag("--no-http", "No page, and the broker over its line protocol alone");
    private static readonly Setting<int> BrokerPort = Settings.Whole("--broker-port", "Port of the broker's line protocol; 0 takes a free one", 8000, 0, 65_535, "port");
    private static readonly Setting<int> ViewerPort = Settings.Whole("--viewer-port", "Port where 'twitter' shows the tweets; 0 takes a free one", 8080, 0, 65_535, "port").IdleWith(NoTweets);
    private static readonly Setting<int> FeedPort = Settings.Whole("--feed-port", "Port of the tweet server started here; 0 takes a free one", 4000, 0, 65_535, "port").IdleWith(NoTweets).IdleWith(Source);
    public static readonly Setting<int> HttpPort = Settings.Whole("--http-port", "Port of the live page and of the broker over HTTP; 0 takes a free one", 8088, 0, 65_535, "port").IdleWith(NoHttp);
    private static readonly Setting<string?> HttpNames = Settings.Text("--http-names", "Names, joined by commas, that browsers may call this machine by; localhost and addresses need not be said", unit: "names").IdleWith(NoHttp);
    private static readonly Setting<bool> NoStore = Settings.Flag("--no-store", "Score and show tweets, and neither keep them nor publish them; hashtags and figures are published all the same").IdleWith(NoTweets);
    private static readonly Setting<string> DurabilityOption = Settings.Word(
        "--durability", "What a confirmed publish survives: fsync: loss of power; interval: the same, except for the last 100 ms; memory: the end of the process", "fsync", "fsync", "interval", "memory");
    private static readonly Setting<string> LogFormat = Settings.Word("--log-format", "How logs are written to the standard error, a line each: for people, or as JSON objects", "text", "text", "json");
    private static readonly Setting<Uri?> OtlpEndpoint = Url(
        "--otlp-endpoint", "Send metrics and traces by OTLP, to port 4318 as http/protobuf, to any other as grpc; without it where OTEL_EXPORTER_OTLP_ENDPOINT says", "http://127.0.0.1:4317");
    private static readonly Setting<Duration?> Length = Settings.OptionalTime("--duration", "Stop after this time; without it at Ctrl-C");
    private static readonly Setting<Duration> Drain = Settings.Time("--drain", "Longest time that stopping waits for what is under way", TimeSpan.FromSeconds(10));

    // Not one of the settings: where they are.
    private static readonly Option<string?> File = new(SettingSources.FileOption) { Description = $"File of settings, JSON such as {{\"max-topics\": 100}}; or its name in {SettingSources.FileVariable}. The command line goes before the environment, that before the file" };

    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command(
            Name, "Everything in one process: a tweet server, the pipeline that scores and stores its tweets, and the broker that carries them. Options also come from the environment (ROOKERY_MAX_TOPICS is --max-topics) and from a file (--settings)");
        AddTo(command);
        command.SetAction((parsed, _) =>
        {
            var settings = Read(parsed, around.Variable);
            return RunSession.RunAsync(settings, around);
        });
        return command;
    }

    /// <summary>Every setting of a run.</summary>
    public static void AddTo(System.CommandLine.Command command)
    {
        Option[] options =
        [
            File, Data, Source, NoTweets, NoStore, Host, BrokerPort, ViewerPort, FeedPort, HttpPort, NoHttp, HttpNames, LogFormat, OtlpEndpoint, DurabilityOption, Length, Drain,
            FeedSettings.Streams, FeedSettings.Rate, FeedSettings.Seed, FeedSettings.Panic,
        ];
        foreach (var option in options)
        {
            command.Options.Add(option);
        }

        AccessSettings.AddTo(command);
        LimitSettings.AddTo(command);
        PoolSettings.AddTo(command);
    }

    internal static RunSettings Read(ParseResult parsed, Func<string, string?> variable) => new()
    {
        Data = parsed.GetValue(Data)!,
        Host = Address(parsed.GetValue(Host)!),
        BrokerPort = parsed.GetValue(BrokerPort),
        ViewerPort = parsed.GetValue(ViewerPort),
        HttpPort = parsed.GetValue(NoHttp) ? null : parsed.GetValue(HttpPort),
        HttpNames = parsed.GetValue(HttpNames)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
        Durability = Enum.Parse<Durability>(parsed.GetValue(DurabilityOption)!, ignoreCase: true),
        Wire = LimitSettings.ReadWire(parsed),
        Limits = LimitSettings.ReadBroker(parsed),
        Access = AccessSettings.Read(parsed, Address(parsed.GetValue(Host)!), variable),
        Tweets = parsed.GetValue(NoTweets) ? null : ReadTweets(parsed),
        Telemetry = parsed.GetValue(OtlpEndpoint),
        Duration = parsed.GetValue(Length),
        Drain = parsed.GetValue(Drain),
        Verbose = parsed.GetValue(CommandLine.Verbose),
        JsonLogs = parsed.GetValue(LogFormat) == "json",
    };

    private static TweetSettings ReadTweets(ParseResult parsed)
    {
        var source = parsed.GetValue(Source);
        var feed = FeedSettings.Read(parsed) with { Host = parsed.GetValue(Host)!, Port = parsed.GetValue(FeedPort) };
        return new TweetSettings
        {
            Source = source,
            Feed = source is null ? Settings.Checked(feed, o => o.Validate()) : null,
            Streams = feed.Streams,
            Store = !parsed.GetValue(NoStore),
            Pool = PoolSettings.Read(parsed),
        };
    }

    internal static IPAddress Address(string host) => host switch
    {
        "localhost" => IPAddress.Loopback,
        "*" => IPAddress.Any,
        _ when IPAddress.TryParse(host, out var address) => address,
        _ => throw new UsageException($"--host is '{host}'; it must be an IP address, localhost or *"),
    };

    public static Setting<Uri?> Url(string name, string help, string example) => Settings.Make<Uri?>(
        name,
        help,
        null,
        text => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https")
            ? url
            : throw new FormatException($"an http or https address, such as {example}"),
        "URL");
}
