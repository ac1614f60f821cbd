using System.CommandLine;
using System.Globalization;
using Rookery.Client;

namespace Rookery.Command;

/// <summary><c>rookery drop</c>: ends a topic with all that is in it.</summary>
internal static class DropCommand
{
    private static readonly Argument<string> Topic = new("topic") { Description = "Topic to end" };
    private static readonly Option<bool> Yes = Settings.Flag("--yes", "It is meant: nothing brings the events back");
    private static readonly Option<bool> Json = Settings.Flag("--json", "Print a line of JSON: the topic, and the events it held");

    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command("drop", "End a topic: its events, dead letters and subscriptions; needs --yes, and the right to administer it")
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
        if (!parsed.GetValue(Yes))
        {
            throw new UsageException($"drop ends topic {topic} with its events, dead letters and subscriptions, for everybody. Say --yes if that is meant");
        }

        using var interruption = around.Interruptions();
        try
        {
            await using var client = await Asking.ConnectAsync(parsed, around, interruption.Asked);

            // Once it is sent it is done: an interrupt would only hide how it went.
            var events = (await DropAsync(client, topic, interruption.Insisted)).ToString(CultureInfo.InvariantCulture);
            around.Out.WriteLine(parsed.GetValue(Json) ? $$"""{"topic":"{{topic}}","events":{{events}}}""" : $"dropped topic {topic} with {events} events");
            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (interruption.Asked.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
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
