using System.CommandLine;
using System.Net;
using Rookery.Local;

namespace Rookery.Command;

/// <summary><c>rookery run</c>: broker, tweet server, pipeline and store in one process.</summary>
internal static class RunCommand
{
    public static readonly Option<string?> Data = Settings.Text("--data", "Folder that everything is kept in; made where missing", "data/");
    private static readonly Option<string?> Host = Settings.Text("--host", "Address to listen on; * for every address", "127.0.0.1");
    private static readonly Option<int> BrokerPort = Settings.Whole("--broker-port", "Port of the broker's line protocol; 0 takes a free one", 8000, 0, 65_535);
    private static readonly Option<int> ViewerPort = Settings.Whole("--viewer-port", "Port where 'twitter' shows the tweets; 0 takes a free one", 8080, 0, 65_535);
    private static readonly Option<int> FeedPort = Settings.Whole("--feed-port", "Port of the tweet server started here; 0 takes a free one", 4000, 0, 65_535);
    private static readonly Option<int> HttpPort = Settings.Whole("--http-port", "Port of the live page and of the broker over HTTP; 0 takes a free one", 8088, 0, 65_535);
    private static readonly Option<bool> NoHttp = Settings.Flag("--no-http", "No page, and the broker over its line protocol alone");
    private static readonly Option<string?> HttpNames = Settings.Text("--http-names", "Names, joined by commas, that browsers may call this machine by; localhost and addresses need not be said");
    private static readonly Option<Uri?> Source = Url(
        "--source", "Read the tweets of another server, such as http://host:4000; without it one is started here", "http://127.0.0.1:4000");
    private static readonly Option<bool> NoTweets = Settings.Flag("--no-tweets", "The broker alone");
    private static readonly Option<bool> NoStore = Settings.Flag("--no-store", "Score and show tweets, and neither keep them nor publish them; hashtags and figures are published all the same");
    private static readonly Option<string> DurabilityOption = Settings.Word(
        "--durability", "A confirmed publish is safe from: loss of power (fsync, interval: but for 100 ms), end of the process (memory)", "fsync", "fsync", "interval", "memory");
    private static readonly Option<Uri?> OtlpEndpoint = Url(
        "--otlp-endpoint", "Send metrics and traces by OTLP, to port 4318 as http/protobuf, to any other as grpc; without it where OTEL_EXPORTER_OTLP_ENDPOINT says", "http://127.0.0.1:4317");
    private static readonly Option<TimeSpan?> Duration = Settings.Duration("--duration", "Stop after this time; without it at Ctrl-C");
    private static readonly Option<TimeSpan?> Drain = Settings.Duration("--drain", "Longest time that stopping waits for what is under way [default: 10s]");

    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command(
            "run", "Everything in one process: a tweet server, the pipeline that scores and stores its tweets, and the broker that carries them. Options also come from the environment: ROOKERY_MAX_CONNECTIONS is --max-connections")
        {
            Data, Source, NoTweets, NoStore, Host, BrokerPort, ViewerPort, FeedPort, HttpPort, NoHttp, HttpNames, OtlpEndpoint, DurabilityOption, Duration, Drain,
            FeedSettings.Streams, FeedSettings.Rate, FeedSettings.Seed, FeedSettings.Panic,
        };
        AccessSettings.AddTo(command);
        LimitSettings.AddTo(command);
        PoolSettings.AddTo(command);
        command.SetAction((parsed, _) => RunSession.RunAsync(Read(parsed, around.Variable), around));
        return command;
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
        Duration = parsed.GetValue(Duration),
        Drain = parsed.GetValue(Drain) ?? TimeSpan.FromSeconds(10),
        Verbose = parsed.GetValue(CommandLine.Verbose),
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

    private static IPAddress Address(string host) => host switch
    {
        "localhost" => IPAddress.Loopback,
        "*" => IPAddress.Any,
        _ when IPAddress.TryParse(host, out var address) => address,
        _ => throw new UsageException($"--host is '{host}'; it must be an IP address, localhost or *"),
    };

    private static Option<Uri?> Url(string name, string help, string example)
    {
        var option = Settings.Make<Uri?>(name, help, null, text =>
            Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https")
                ? url
                : throw new FormatException($"an http or https address, such as {example}"));
        option.HelpName = "URL";
        return option;
    }
}
