using System.Globalization;

namespace Rookery.Command;

/// <summary>Draws the figures of a run as lines of a screen of any size from 40 columns: nothing is wrapped, what matters least goes first.</summary>
internal sealed class TopView
{
    private const int History = 120;
    private const string Bars = "▁▂▃▄▅▆▇█";

    // Those of narrower screens have the words of the columns, or say only what matters.
    private static readonly string[] Keys =
    [
        "q quit  sort by: n name, p published, b backlog, f in flight, r redelivered, d dead",
        "q quit  sort by: n name, p pub, b backlog, f flight, r again, d dead",
        "q quit  sort by: n p b f r d",
        "q quit",
    ];

    private readonly Dictionary<string, Queue<double>> _history = [];
    private TopFigures? _before;
    private TopFigures? _now;
    private Dictionary<string, long> _seqBefore = [];

    /// <summary>What topics are ordered by.</summary>
    public TopOrder Order { get; set; } = TopOrder.Published;

    /// <summary>Why there are no newer figures; null where there are.</summary>
    public string? Trouble { get; set; }

    /// <summary>Newer figures: rates are those since the ones before.</summary>
    public void Add(TopFigures figures)
    {
        _seqBefore = _now?.Topics.ToDictionary(t => t.Topic, t => t.Seq) ?? [];
        (_before, _now, Trouble) = (_now, figures, null);
        foreach (var (name, total, _) in Totals(figures))
        {
            var rates = _history.TryGetValue(name, out var known) ? known : _history[name] = new Queue<double>();
            rates.Enqueue(Rate(total, _before is null ? null : Totals(_before).FirstOrDefault(t => t.Name == name).Total));
            if (rates.Count > History)
            {
                rates.Dequeue();
            }
        }
    }

    /// <summary>The picture, at most <paramref name="height"/> lines of at most <paramref name="width"/> cells.</summary>
    public List<TopLine> Draw(int width, int height, bool keys = true)
    {
        var lines = new List<TopLine>();
        if (_now is { } now)
        {
            lines.Add(Head(now.Status, width));
            lines.AddRange(Totals(now).Select(t => Flow(t.Name, t.Total, t.Note, width)));
            if (now.Status.Tweets is { } tweets)
            {
                lines.Add(TopLine.Plain("", width));
                lines.AddRange(tweets.Pools.Select(p => Pool(p, width)));
                if (tweets.Hashtags.Count > 0)
                {
                    lines.Add(TopLine.Parts(tweets.Hashtags.Select(h => $"#{EventLine.Plain(h.Tag, 30)} {Short(h.Count)}"), width, TopStyle.Tag));
                }
            }

            lines.AddRange(now.Status.Troubles.Select(t => TopLine.Plain($"! {t.ReplaceLineEndings(" ")}", width, TopStyle.Trouble)));
        }

        if (Trouble is not null)
        {
            lines.Add(TopLine.Plain($"! {Trouble}", width, TopStyle.Trouble));
        }

        if (_now is { } shown)
        {
            lines.Add(TopLine.Plain("", width));
            lines.AddRange(TopTable.Draw(shown.Topics, t => RateOf(t), Order, width, Math.Max(0, height - lines.Count - (keys ? 1 : 0))));
        }

        var room = Math.Max(0, height - (keys ? 1 : 0));
        if (lines.Count > room)
        {
            lines.RemoveRange(room, lines.Count - room);
        }

        if (keys && height > 0)
        {
            lines.Add(TopLine.Plain(Array.Find(Keys, k => k.Length <= width) ?? Keys[^1], width, TopStyle.Faint));
        }

        return lines;
    }

    /// <summary>A number in few letters: <c>12,345</c>, <c>1.2M</c>.</summary>
    internal static string Short(double number) => number switch
    {
        < 99_999.5 => Math.Round(number).ToString("N0", CultureInfo.InvariantCulture),
        < 999_500 => string.Create(CultureInfo.InvariantCulture, $"{number / 1e3:0}k"),
        < 999_500_000 => string.Create(CultureInfo.InvariantCulture, $"{number / 1e6:0.0}M"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{number / 1e9:0.0}G"),
    };

    private static TopLine Head(TopStatus status, int width)
    {
        var up = TimeSpan.FromSeconds(status.UptimeS);
        var time = string.Create(CultureInfo.InvariantCulture, $"up {(up.Days > 0 ? $"{up.Days}d " : "")}{up:hh\\:mm\\:ss}");
        string[] parts = [status.Version, time, Counted.Of(status.Broker.Connections, "connection"), Counted.Of(status.Broker.Topics, "topic"), status.Broker.Durability];
        return TopLine.Parts(parts, width, TopStyle.Head);
    }

    private static IEnumerable<(string Name, long Total, string Note)> Totals(TopFigures figures)
    {
        if (figures.Status.Tweets is { } tweets)
        {
            yield return ("in", tweets.In, $"{Short(tweets.Waiting)} waiting");
            yield return ("scored", tweets.Scored, Counted.Of(tweets.Crashes, "crash", "crashes"));
            if (tweets is { Stored: { } stored, Store: { } store })
            {
                yield return ("stored", stored, string.Create(CultureInfo.InvariantCulture, $"batch {Short(store.Batch)} in {store.WriteMs:0.#} ms{(store.State == "ok" ? "" : $", {store.State}")}"));
            }
        }

        var broker = figures.Status.Broker;
        yield return ("published", broker.Published, broker.FailedWrites > 0 ? Counted.Of(broker.FailedWrites, "failed write") : "");
        yield return ("delivered", broker.Delivered, $"{Short(broker.Acknowledged)} acked");
    }

    private static TopLine Pool(TopPool pool, int width)
    {
        if (width < 54)
        {
            return TopLine.Plain($"{pool.Stage,-11}{pool.Workers,2} up  {Short(pool.Waiting)} waiting  {Counted.Of(pool.Crashes, "crash", "crashes")}", width);
        }

        var figures = $"{pool.Workers,3} {(pool.Workers == 1 ? "worker " : "workers")} {Short(pool.Waiting),7} waiting {Short(pool.Crashes),7} {(pool.Crashes == 1 ? "crash" : "crashes")}";
        var line = new TopLine(width).Add($"{pool.Stage,-11}").Add(figures);
        return line.Room > 4 ? line.Add("  ").Add(new string('|', Math.Min(pool.Workers, line.Room)), TopStyle.Rate) : line;
    }

    private TopLine Flow(string name, long total, string note, int width)
    {
        var rates = _history[name];
        var line = new TopLine(width).Add($"{name,-10}").Add($"{Short(rates.Last()),8}/s", TopStyle.Rate).Add($"{Short(total),9}");
        if (width >= 60)
        {
            line.Add($"  {note,-24}");
        }

        if (line.Room > 8)
        {
            var shown = rates.TakeLast(line.Room - 1).ToList();
            var most = Math.Max(1, shown.Max());
            line.Add(" ").Add(string.Concat(shown.Select(r => r <= 0 ? ' ' : Bars[(int)(Math.Min(1, r / most) * (Bars.Length - 1))])), TopStyle.Faint);
        }

        return line;
    }

    private double RateOf(TopTopic topic) => Rate(topic.Seq, _seqBefore.TryGetValue(topic.Topic, out var before) ? before : null);

    private double Rate(long total, long? before) =>
        _before is { } earlier && _now!.Status.Time > earlier.Status.Time && before is { } known ? Math.Max(0, total - known) * 1000.0 / (_now.Status.Time - earlier.Status.Time) : 0;
}
