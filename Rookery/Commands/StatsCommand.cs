using System.CommandLine;
using System.Text.Json;

namespace Rookery.Command;

/// <summary><c>rookery stats</c>: the figures of the broker, or of a topic with its subscriptions.</summary>
internal static class StatsCommand
{
    private const string Subscriptions = "subscriptions";

    // Short words on a terminal: all of it fits into 80 columns.
    private static readonly Column[] Columns =
    [
        new("key"), Number("members"), Number("waiting"), Number("in_flight"), Number("dead"), Number("delivered"), Number("redelivered", "again"), Number("acknowledged", "acked"),
    ];

    private static readonly Argument<string?> Topic = new("topic") { Description = "Topic; without one the broker as a whole", Arity = ArgumentArity.ZeroOrOne };

    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command("stats", "Show the broker's figures, or those of a topic and of each of its subscriptions") { Topic, Asking.Json };
        BrokerSettings.AddTo(command);
        Topic.Validators.Add(BrokerSettings.RequireTopics);
        command.SetAction((parsed, _) => Asking.ShowAsync(parsed, around, (client, stop) => client.StatsAsync(parsed.GetValue(Topic), stop), Show));
        return command;
    }

    private static Column Number(string name, string? shown = null) => new(name, IsNumber: true, shown);

    private static void Show(Figures figures, JsonElement stats)
    {
        figures.List(stats.EnumerateObject().Where(f => f.Value.ValueKind is not JsonValueKind.Array));
        if (stats.TryGetProperty(Subscriptions, out var subscriptions))
        {
            figures.Gap();
            figures.Table(Columns, subscriptions.EnumerateArray());
        }
    }
}
