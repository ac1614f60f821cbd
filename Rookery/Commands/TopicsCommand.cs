using System.Text.Json;

namespace Rookery.Command;

/// <summary><c>rookery topics</c>: the topics of the broker, with their figures.</summary>
internal static class TopicsCommand
{
    private static readonly IReadOnlyList<Column> Columns = Column.Figures("topic", "seq", "events", "bytes", "dropped", "expired", "subscriptions");

    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command("topics", "List the topics: last number, events and bytes held, dropped, expired, subscriptions") { Asking.Json };
        BrokerSettings.AddTo(command);
        command.SetAction((parsed, _) => Asking.ShowAsync(parsed, around, (client, stop) => client.TopicsAsync(stop), Show));
        return command;
    }

    private static void Show(Figures figures, JsonElement topics) =>
        figures.Table(Columns, topics.EnumerateArray().OrderBy(t => t.GetProperty("topic").GetString(), StringComparer.Ordinal));
}
