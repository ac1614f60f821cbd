using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rookery.Command;

/// <summary>The status as a table on a terminal, drawn anew each second.</summary>
internal sealed class LiveStatus(IAnsiConsole console, LogTail log) : IStatusView
{
    public Task ShowAsync(IAsyncEnumerable<Status> statuses, CancellationToken cancellationToken) =>
        console.Live(new Text("starting")).AutoClear(false).Overflow(VerticalOverflow.Ellipsis).StartAsync(async live =>
        {
            await foreach (var status in statuses.WithCancellation(cancellationToken))
            {
                live.UpdateTarget(Draw(status));
            }
        });

    internal IRenderable Draw(Status status)
    {
        var rows = new List<IRenderable> { Rates(status) };
        if (status.Now.Tweets is { Hashtags.Count: > 0 } tweets)
        {
            var tags = tweets.Hashtags.Select(h => string.Create(CultureInfo.InvariantCulture, $"#{h.Tag} {h.Count}±{h.Error}"));
            rows.Add(new Text(string.Join("  ", tags)));
        }

        rows.AddRange(status.Now.Troubles.Select(t => new Text($"! {t}", new Style(Color.Red))));
        rows.AddRange(log.Lines.Select(l => new Text(l, new Style(Color.Grey))));
        return new Rows(rows);
    }

    private static Table Rates(Status status)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(Since(status));
        table.AddColumn("").AddColumn(new TableColumn("per second").RightAligned()).AddColumn(new TableColumn("in all").RightAligned()).AddColumn("");
        if (status.Now.Tweets is { } tweets)
        {
            Add(table, "in", status.In, tweets.In, $"waiting {Grouped(tweets.Waiting)}" + (tweets.Rejected > 0 ? $"  rejected {Grouped(tweets.Rejected)}" : ""));
            Add(table, "scored", status.Scored, tweets.Scored, string.Join("  ", tweets.Workers.Select(w => $"{w.Pool} {w.Workers}")) + $"  crashes {Grouped(tweets.Crashes)}");
            if (tweets.Stored is { } stored)
            {
                var state = tweets.StoreState is { } now ? $"  {now}" : "";
                Add(table, "stored", status.Stored, stored, $"+ {Grouped(tweets.Repeats)} repeats  batch {Grouped(tweets.BatchSize ?? 0)}{state}");
            }
        }

        Add(table, "published", status.Published, status.Now.Published, $"topics {Grouped(status.Now.Topics)}");
        Add(table, "delivered", status.Delivered, status.Now.Delivered, $"connections {Grouped(status.Now.Connections)}");
        return table;
    }

    private static void Add(Table table, string name, double perSecond, long total, string note) =>
        table.AddRow(new Text(name), new Text(Grouped((long)Math.Round(perSecond)), new Style(Color.Green)), new Text(Grouped(total)), new Text(note));

    private static string Since(Status status) => string.Create(CultureInfo.InvariantCulture, $"rookery {status.Since:hh\\:mm\\:ss}");

    private static string Grouped(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
