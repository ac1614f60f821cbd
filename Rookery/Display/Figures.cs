using System.Text.Json;
using Spectre.Console;

namespace Rookery.Command;

/// <summary>
/// Figures as they come from the broker: tables on a terminal, where numbers are grouped by thousands; else columns with a
/// tab between them, for <c>cut</c> and <c>awk</c>. What a broker does not know is <c>-</c>.
/// </summary>
internal sealed class Figures(Surroundings around)
{
    private readonly IAnsiConsole? _console = !around.IsLive ? null : AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(around.Out),
        Ansi = around.HasColour ? AnsiSupport.Yes : AnsiSupport.No,
        ColorSystem = around.HasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        Interactive = InteractionSupport.No,
    });

    /// <summary>A row for each element: its members of these names.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<JsonElement> rows)
    {
        var values = rows.Select(row => columns.Select(c => row.TryGetProperty(c, out var value) ? value : default).ToList());
        if (_console is null)
        {
            around.Out.WriteLine(string.Join('\t', columns));
            foreach (var row in values)
            {
                around.Out.WriteLine(string.Join('\t', row.Select(Plain)));
            }

            return;
        }

        var table = new Table().Border(TableBorder.Rounded);
        for (var i = 0; i < columns.Count; i++)
        {
            // The first says what the row is about, and the others how much of it there is.
            var column = new TableColumn(new Text(columns[i].Replace('_', ' ')));
            table.AddColumn(i == 0 ? column : column.RightAligned());
        }

        foreach (var row in values)
        {
            table.AddRow(row.Select(v => new Text(Grouped(v))));
        }

        _console.Write(table);
    }

    /// <summary>A line for each member: its name and its value.</summary>
    public void List(IEnumerable<JsonProperty> members)
    {
        if (_console is null)
        {
            foreach (var member in members)
            {
                around.Out.WriteLine($"{member.Name}\t{Plain(member.Value)}");
            }

            return;
        }

        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumn("").AddColumn(new TableColumn("").RightAligned());
        foreach (var member in members)
        {
            table.AddRow(new Text(member.Name.Replace('_', ' ')), new Text(Grouped(member.Value)));
        }

        _console.Write(table);
    }

    /// <summary>An empty line between the parts of plain output; tables have borders.</summary>
    public void Gap()
    {
        if (_console is null)
        {
            around.Out.WriteLine();
        }
    }

    private static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "-",
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    private static string Grouped(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number.ToString("N0", System.Globalization.CultureInfo.InvariantCulture) : Plain(value);
}
