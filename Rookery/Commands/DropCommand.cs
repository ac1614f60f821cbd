using System.CommandLine;
using System.Globalization;
using Rookery.Client;

namespace Rookery.Command;

/// <summary><c>rookery drop</c>: ends a topic with all that is in it.</summary>
internal static class DropCommand
{
    private static readonly Argument<string> Topic = new("topic") { Description = "Topic to end" };
    private static readonly Setting<bool> Yes = Settings.Flag("--yes", "It is meant, and not asked: nothing brings the events back");
    private static readonly Setting<bool> Json = Settings.Flag("--json", "Print a line of JSON: the topic, and the events it held");

    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command("drop", "End a topic: its events, dead letters and subscriptions; asks before, on a terminal, and elsewhere needs --yes; needs the right to administer it")
        {
            Topic, Yes, Json,
        };
        BrokerSettings.AddTo(command);
        Topic.Validators.Add(BrokerSettings.RequireTopics);
        command.SetAction((parsed, _) => RunAsync(parsed, around));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Surroundings around)
    {
        var topic = parsed.GetValue(Topic)!;
        if (!Confirming.Allows(around, parsed.GetValue(Yes), $"drop ends topic {topic} with its events, dead letters and subscriptions, for everybody"))
        {
            return ExitCode.Interrupted;
        }

        using var interruption = around.Interruptions();
        await using var client = await Asking.ConnectAsync(parsed, around, interruption.Asked);

        // Once it is sent it is done: an interrupt would only hide how it went.
        var events = await DropAsync(client, topic, interruption.Insisted);
        around.Out.WriteLine(parsed.GetValue(Json)
            ? string.Create(CultureInfo.InvariantCulture, $"{{\"topic\":\"{topic}\",\"events\":{events}}}")
            : $"dropped topic {topic} with {Counted.Of(events, "event")}");
        return ExitCode.Ok;
    }

    private static async Task<long> DropAsync(RookeryClient client, string topic, CancellationToken cancellationToken)
    {
        try
        {
            return await client.DropAsync(topic, cancellationToken);
        }
        catch (RookeryConnectionException lost)
        {
            throw new FailureException($"{lost.Message.TrimEnd('.')}. Topic {topic} may have ended or not; look with: rookery stats {topic}", lost);
        }
    }
}
