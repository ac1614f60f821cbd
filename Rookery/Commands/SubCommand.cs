using System.CommandLine;
using Rookery.Client;

namespace Rookery.Command;

/// <summary><c>rookery sub</c>: shows what comes on topics, and acknowledges it.</summary>
internal static class SubCommand
{
    private static readonly Argument<string[]> Topics = new("topic") { Description = "Topics to subscribe to", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<int?> Count = Settings.OptionalWhole("--count", "Stop after this many events; an unnamed subscription is ended", 1, int.MaxValue);
    private static readonly Setting<Duration?> Delay = Settings.OptionalTime("--delay", "Wait this long with each event before it is acknowledged, such as 50ms");
    private static readonly Option<string?> As = Settings.Text("--as", "Durable name: the subscription collects events while nobody listens");
    private static readonly Option<string?> Group = Settings.Text("--group", "Share the events with the other members of this group");
    private static readonly Option<int> Window = Settings.Whole("--window", "Most events received and not acknowledged", 256, 1, 65_536);
    private static readonly Option<StartFrom?> From = MakeFrom();
    private static readonly Option<bool> Json = Settings.Flag("--json", "Print the events as the broker sends them, one JSON object per line");
    private static readonly Option<bool> Unsubscribe = Settings.Flag("--unsubscribe", "End the subscription when leaving, also a named one or a group's");

    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command("sub", "Show the events of topics and acknowledge them; reconnects by itself")
        {
            Topics, Count, Delay, As, Group, Window, From, Json, Unsubscribe,
        };
        BrokerSettings.AddTo(command);
        Topics.Validators.Add(BrokerSettings.RequireTopics);
        command.SetAction((parsed, _) => RunAsync(
            BrokerSettings.Read(parsed, around) with { Name = parsed.GetValue(As) }, Read(parsed), around));
        return command;
    }

    internal static SubSettings Read(ParseResult parsed)
    {
        var count = parsed.GetValue(Count);
        return new SubSettings
        {
            Topics = parsed.GetValue(Topics)!.Distinct(StringComparer.Ordinal).ToArray(),
            Count = count,
            Delay = parsed.GetValue(Delay) ?? TimeSpan.Zero,
            Json = parsed.GetValue(Json),
            Unsubscribe = parsed.GetValue(Unsubscribe),
            Subscribe = new SubscribeOptions
            {
                // What would be left in hand at the end should stay with the broker, for others.
                Window = Math.Min(parsed.GetValue(Window), count ?? int.MaxValue),
                From = parsed.GetValue(From),
                Group = parsed.GetValue(Group),
                AutoAck = false,
            },
        };
    }

    private static async Task<int> RunAsync(RookeryClientOptions options, SubSettings settings, Surroundings around)
    {
        using var interruption = around.Interruptions();
        await using var client = await RookeryClient.ConnectAsync(options, interruption.Asked);
        var viewer = new EventViewer(client, settings, around.Out);
        var finished = await viewer.RunAsync(interruption.Asked, interruption.Insisted);
        return finished || settings.Count is null ? ExitCode.Ok : ExitCode.Interrupted;
    }

    private static Option<StartFrom?> MakeFrom()
    {
        var option = Settings.Make<StartFrom?>("--from", "Where a new subscription begins: new, start, a sequence number, or a time", null, text =>
        {
            try
            {
                return StartFrom.Parse(text);
            }
            catch (FormatException)
            {
                throw new FormatException("new, start, a sequence number from 1, or a time such as 2026-01-31T12:00:00Z");
            }
        });
        option.HelpName = "new|start|SEQ|TIME";
        option.CompletionSources.Add("new", "start");
        return option;
    }
}

/// <summary>What <c>rookery sub</c> was asked for.</summary>
internal sealed record SubSettings
{
    public required string[] Topics { get; init; }

    public int? Count { get; init; }

    public TimeSpan Delay { get; init; }

    public bool Json { get; init; }

    public bool Unsubscribe { get; init; }

    public required SubscribeOptions Subscribe { get; init; }
}
