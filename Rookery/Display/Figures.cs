using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Rookery.Command;

/// <summary>
/// Figures as they come from the broker: tables on a terminal, where numbers are grouped by thousands; else columns with a
/// tab between them, for <c>cut</c> and <c>awk</c>. What a broker does not know is <c>-</c>.
/// </summary>
internal sealed class Figures(Surroundings around)
{
    private const int Gutter = 2;

    private readonly IAnsiConsole? _console = !around.IsLive ? null : around.Console();

    /// <summary>A row for each element: its members of these names.</summary>
    public void Table(IReadOnlyList<Column> columns, IEnumerable<JsonElement> rows) =>
        Table(columns, rows.Select(row => columns.Select(c => Text(row.TryGetProperty(c.Name, out var value) ? value : default)).ToList()));

    /// <summary>Rows of texts, one for each column.</summary>
    public void Table(IReadOnlyList<Column> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        if (_console is null)
        {
            around.Out.WriteLine(string.Join('\t', columns.Select(c => c.Name)));
            foreach (var row in rows)
            {
                around.Out.WriteLine(string.Join('\t', row.Select(v => v.Length == 0 ? "-" : v)));
            }

            return;
        }

        var all = rows.ToList();
        if (Fits(columns, all, _console.Profile.Width))
        {
            _console.Write(Draw(columns, all));
            return;
        }

        // Numbers broken over lines cannot be read: a block for each row instead.
        foreach (var row in all)
        {
            _console.Write(Draw([new Column(""), new Column("")], [.. columns.Zip(row).Select(c => (IReadOnlyList<string>)[c.First.Title, c.Second])], heads: false));
            _console.WriteLine();
        }
    }

    /// <summary>A line for each member: its name and its value.</summary>
    public void List(IEnumerable<JsonProperty> members)
    {
        if (_console is null)
        {
            foreach (var member in members)
            {
                around.Out.WriteLine($"{member.Name}\t{Text(member.Value)}");
            }

            return;
        }

        _console.Write(Draw(
            [new Column(""), new Column("", IsNumber: true)],
            [.. members.Select(m => (IReadOnlyList<string>)[m.Name.Replace('_', ' '), Text(m.Value)])],
            heads: false));
    }

    /// <summary>An empty line between two parts.</summary>
    public void Gap() => around.Out.WriteLine();

    private static bool Fits(IReadOnlyList<Column> columns, List<IReadOnlyList<string>> rows, int width)
    {
        // Words may be broken over lines, down to what is still a word; figures may not.
        const int Word = 12;
        return width >= columns.Select((c, i) =>
        {
            var widest = rows.Select(r => r[i].Length).Append(c.Title.Length).Max();
            return Gutter + (c.IsWhole ? widest : Math.Min(widest, Word));
        }).Sum();
    }

    private static Table Draw(IReadOnlyList<Column> columns, IReadOnlyList<IReadOnlyList<string>> rows, bool heads = true)
    {
        var table = new Table().Border(TableBorder.None);
        table.ShowHeaders = heads;
        foreach (var column in columns)
        {
            var drawn = new TableColumn(new Text(column.Title, new Style(decoration: Decoration.Bold))).PadLeft(0).PadRight(Gutter);
            drawn.NoWrap = column.IsWhole;
            table.AddColumn(column.IsNumber ? drawn.RightAligned() : drawn);
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(v => new Text(v.Length == 0 ? "-" : v)));
        }

        return table;
    }

    private string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "-",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number when _console is not null && value.TryGetInt64(out var number) => number.ToString("N0", CultureInfo.InvariantCulture),
        _ => value.GetRawText(),
    };
}

/// <summary>A column: its name in plain output and in JSON, and what stands over it on a terminal where that is another word.</summary>
internal sealed record Column(string Name, bool IsNumber = false, string? Shown = null)
{
    /// <summary>Broken over two lines it could not be read.</summary>
    public bool IsWhole { get; init; } = IsNumber;

    public string Title => Shown ?? Name.Replace('_', ' ');

    /// <summary>The first says what a row is about, and the others how much of it there is.</summary>
    public static IReadOnlyList<Column> Figures(string first, params string[] others) => [new Column(first), .. others.Select(o => new Column(o, IsNumber: true))];
}
