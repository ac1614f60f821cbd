using System.CommandLine;
using System.Globalization;
using Rookery.Feed;

namespace Rookery.Command;

/// <summary><c>rookery feed</c>: the tweet server alone.</summary>
internal static class FeedCommand
{
    private static readonly Option<int> Port = Settings.Whole("--port", "TCP port to serve on; 0 takes a free one", 4000, 0, 65_535);
    private static readonly Option<string?> Host = Settings.Text("--host", "Address to listen on; * for every IPv4 address", "127.0.0.1");
    private static readonly Option<int?> Tweets = Settings.OptionalWhole("--tweets-per-connection", "End a connection's stream after this many tweets; without it streams do not end", 1, int.MaxValue);
    private static readonly Setting<Duration?> Duration = Settings.OptionalTime("--duration", "Stop after this time; without it at Ctrl-C");

    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command("feed", "Serve streams of invented tweets over HTTP: /tweets/1 to /tweets/N, /emotion_values")
        {
            Port, Host, FeedSettings.Streams, FeedSettings.Rate, FeedSettings.Seed, FeedSettings.Panic, Tweets, Duration,
        };
        command.SetAction((parsed, _) => RunAsync(Options(parsed), parsed.GetValue(Duration), around));
        return command;
    }

    internal static FeedOptions Options(ParseResult parsed) => Settings.Checked(FeedSettings.Read(parsed) with
    {
        Host = parsed.GetValue(Host)!,
        Port = parsed.GetValue(Port),
        TweetsPerConnection = parsed.GetValue(Tweets),
    }, o => o.Validate());

    private static async Task<int> RunAsync(FeedOptions options, TimeSpan? duration, Surroundings around)
    {
        using var interruption = around.Interruptions();
        await using var server = new TweetServer(options);
        await Listening.StartAsync(() => server.StartAsync(interruption.Asked), Port.Name, options.Port);
        around.Out.WriteLine($"tweets on {server.Address} (streams 1..{options.Streams}, rate {options.Rate}, seed {server.Seed})");
        around.Out.Flush();
        await Waiting.UntilAsync(duration, interruption.Asked);
        await server.StopAsync(interruption.Insisted);
        around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sent {server.TweetsSent} tweets and {server.PanicsSent} kill messages"));
        return ExitCode.Ok;
    }
}
