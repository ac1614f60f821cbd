using System.CommandLine;

namespace Rookery.Command;

/// <summary><c>rookery bench</c>: a short measurement of a broker, with a topic of its own that it removes again.</summary>
internal static class BenchCommand
{
    private static readonly Setting<int> Events = Settings.Whole("--events", "Events that are published as fast as they are confirmed", 100_000, 1, 100_000_000, "events");
    private static readonly Setting<int> Single = Settings.Whole("--single", "Events that are then published one at a time, for the latency; 0 for none", 1_000, 0, 1_000_000, "events");
    private static readonly Setting<int> Size = Settings.Whole("--size", "Bytes of each message", 100, 32, 900_000, "bytes");
    private static readonly Setting<int> Subscribers = Settings.Whole("--subscribers", "Subscribers, each with a connection of its own, that get every event", 1, 0, 1_000, "subscribers");
    public static readonly Setting<bool> Start = Settings.Flag("--start", "Start a broker here for it, in a temporary folder, instead of asking one that runs");
    private static readonly Setting<string> Durability = Settings.Word("--durability", "Durability of the broker that --start starts", "fsync", "fsync", "interval", "memory")
        .Idle("without --start: the broker that runs has its own", made => !made.Has(Start));
    private static readonly Setting<bool> Json = Settings.Flag("--json", "Print the result as a line of JSON: rates in events per second, times in milliseconds");

    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command(
            "bench", "Measure a broker: how many events it confirms and delivers in a second, and how long one takes; its topic is dropped afterwards, for which it needs the right to administer it")
        {
            Events, Single, Size, Subscribers, Start, Durability, Json,
        };
        BrokerSettings.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(parsed, around));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Surroundings around)
    {
        using var interruption = around.Interruptions();
        var options = BrokerSettings.Read(parsed, around);
        await using var own = parsed.GetValue(Start) ? await BenchBroker.StartAsync(parsed.GetValue(Durability)!, interruption.Asked) : null;
        if (own is not null)
        {
            options = options with { Host = "127.0.0.1", Port = own.Port, Tls = null, Token = null };
        }

        var load = new BenchLoad
        {
            Events = parsed.GetValue(Events),
            Single = parsed.GetValue(Single),
            Size = parsed.GetValue(Size),
            Subscribers = parsed.GetValue(Subscribers),
        };
        await using var bench = new Bench(options with { GiveUpAfter = TimeSpan.FromSeconds(30) }, load);
        using var progress = new ProgressBar(around);
        var result = await bench.RunAsync(progress.Show, interruption.Asked);
        progress.Clear();
        if (await bench.CleanAsync() is { } left)
        {
            around.Error.WriteLine($"rookery: {left}");
        }

        foreach (var line in parsed.GetValue(Json) ? [result.ToJson()] : result.Lines())
        {
            around.Out.WriteLine(line);
        }

        return ExitCode.Ok;
    }
}
