using System.CommandLine;
using System.Globalization;
using Rookery.Client;

namespace Rookery.Command;

/// <summary><c>rookery replay</c> and <c>rookery discard</c>: dead letters are delivered again, or dropped for good.</summary>
internal static class DeadLetterCommands
{
    private static readonly Argument<string> Topic = MakeTopic();
    private static readonly Argument<string> Subscription = new("subscription") { Description = "Key of the subscription as stats shows it, such as client:alice" };
    private static readonly Argument<long[]> Numbers = MakeNumbers();
    private static readonly Setting<bool> All = Settings.Flag("--all", "All of them");
    private static readonly Setting<bool> Yes = Settings.Flag("--yes", "It is meant, and not asked: nothing brings the events back");
    private static readonly Setting<bool> Json = Settings.Flag("--json", "Print a line of JSON: topic, subscription, and how many were replayed or discarded");

    public static Argument<string> MakeTopic()
    {
        var topic = new Argument<string>("topic") { Description = "Topic of the subscription" };
        topic.Validators.Add(BrokerSettings.RequireTopics);
        return topic;
    }

    public static System.CommandLine.Command MakeReplay(Surroundings around)
    {
        var command = Make("replay", "Deliver dead letters of a subscription again, their tries counted anew; needs the right to administer the topic");
        command.SetAction((parsed, _) => RunAsync(
            parsed, around, "replay", "replayed", (client, number, stop) => client.ReplayAsync(parsed.GetValue(Topic)!, parsed.GetValue(Subscription)!, number, stop)));
        return command;
    }

    public static System.CommandLine.Command MakeDiscard(Surroundings around)
    {
        var command = Make("discard", "Drop dead letters of a subscription for good; asks before, on a terminal, and elsewhere needs --yes; needs the right to administer the topic");
        command.Options.Add(Yes);
        command.SetAction((parsed, _) =>
        {
            var what = parsed.GetValue(All) ? "all dead letters" : Counted.Of(parsed.GetValue(Numbers)!.Length, "dead letter");
            return Confirming.Allows(around, parsed.GetValue(Yes), $"discard drops {what} of {parsed.GetValue(Subscription)} in topic {parsed.GetValue(Topic)} for good")
                ? RunAsync(
                    parsed, around, "discard", "discarded", (client, number, stop) => client.DiscardAsync(parsed.GetValue(Topic)!, parsed.GetValue(Subscription)!, number, stop))
                : Task.FromResult(ExitCode.Interrupted);
        });
        return command;
    }

    private static System.CommandLine.Command Make(string name, string help)
    {
        var command = new System.CommandLine.Command(name, help) { Topic, Subscription, Numbers, All, Json };
        BrokerSettings.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(All) == (result.GetResult(Numbers) is { Tokens.Count: > 0 }))
            {
                result.AddError($"{name} needs either numbers of events, as dead shows them, or --all");
            }
        });
        return command;
    }

    private static Task<int> RunAsync(
        ParseResult parsed, Surroundings around, string verb, string done, Func<RookeryClient, long?, CancellationToken, Task<long>> settle) =>
        Asking.RunAsync(parsed, around, async (client, stop) =>
        {
            var (topic, subscription) = (parsed.GetValue(Topic)!, parsed.GetValue(Subscription)!);
            var count = 0L;
            try
            {
                foreach (var number in parsed.GetValue(All) ? [null] : parsed.GetValue(Numbers)!.Distinct().Select(n => (long?)n))
                {
                    // What is not said again after a lost connection would only be hidden by an interrupt.
                    count += await settle(client, number, stop);
                }
            }
            catch (RookeryConnectionException lost)
            {
                throw new FailureException($"{lost.Message.TrimEnd('.')}. {Counted.Of(count, "dead letter")} certainly {done}; look at the others with: rookery dead {topic} {subscription}", lost);
            }
            catch (RookeryException refused)
            {
                var why = refused is NoSuchEventException missing
                    ? $"{subscription} has no dead letter {missing.EventId} in topic {topic}; look at them with: rookery dead {topic} {subscription}"
                    : refused.Message.TrimEnd('.');
                throw new FailureException(count == 0 ? why : $"{why}. Before that, {Counted.Of(count, "dead letter")} {done}", refused);
            }

            around.Out.WriteLine(parsed.GetValue(Json)
                ? string.Create(CultureInfo.InvariantCulture, $"{{\"topic\":{CommandJson.Text(topic)},\"subscription\":{CommandJson.Text(subscription)},\"{done}\":{count}}}")
                : $"{done} {Counted.Of(count, "dead letter")} of {subscription} in topic {topic}");
        });

    private static Argument<long[]> MakeNumbers() => new("seq")
    {
        Description = "Numbers of the events, as dead shows them",
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = result =>
        {
            var numbers = new List<long>();
            foreach (var token in result.Tokens)
            {
                if (long.TryParse(token.Value.TrimStart('#'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
                {
                    numbers.Add(number);
                }
                else
                {
                    result.AddError($"seq is '{token.Value}'; it must be a whole number from 1 to {long.MaxValue}");
                }
            }

            return [.. numbers];
        },
    };
}
