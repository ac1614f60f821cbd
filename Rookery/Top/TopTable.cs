namespace Rookery.Command;

/// <summary>What the topics are ordered by.</summary>
internal enum TopOrder
{
    Name,
    Published,
    Backlog,
    InFlight,
    Redelivered,
    Dead,
}

/// <summary>The topics as a table, as many columns and rows as there is room for.</summary>
internal static class TopTable
{
    private const int NarrowestName = 12;

    // In the order in which they are worth their room.
    private static readonly (string Title, int Width, TopOrder? Order, int Rank, Func<TopTopic, double> Value)[] Columns =
    [
        ("EVENTS", 9, null, 5, t => t.Events),
        ("BACKLOG", 8, TopOrder.Backlog, 1, t => t.Waiting),
        ("FLIGHT", 7, TopOrder.InFlight, 2, t => t.InFlight),
        ("AGAIN", 7, TopOrder.Redelivered, 4, t => t.Redelivered),
        ("DEAD", 7, TopOrder.Dead, 3, t => t.Dead),
        ("SUBS", 6, null, 6, t => t.Subscriptions.Count),
    ];

    public static IEnumerable<TopLine> Draw(IReadOnlyList<TopTopic> topics, Func<TopTopic, double> rate, TopOrder order, int width, int rows)
    {
        const int RateWidth = 9;
        if (width < RateWidth + 3)
        {
            // No room for a name beside its rate.
            yield break;
        }

        var shown = Columns.Where(c => NarrowestName + RateWidth + Columns.Where(o => o.Rank <= c.Rank).Sum(o => o.Width) <= width).ToList();
        var name = Math.Min(width - RateWidth - shown.Sum(c => c.Width), Math.Max(NarrowestName, topics.Select(t => t.Topic.Length + 1).DefaultIfEmpty(0).Max()));
        if (rows <= 0)
        {
            yield break;
        }

        var head = new TopLine(width).Add(Mark("TOPIC", order == TopOrder.Name).PadRight(name), TopStyle.Title).Add(Mark("PUB/s", order == TopOrder.Published).PadLeft(RateWidth), TopStyle.Title);
        shown.ForEach(c => head.Add(Mark(c.Title, order == c.Order).PadLeft(c.Width), TopStyle.Title));
        yield return head;

        double Key(TopTopic t) => order switch
        {
            TopOrder.Published => rate(t),
            TopOrder.Backlog => t.Waiting,
            TopOrder.InFlight => t.InFlight,
            TopOrder.Redelivered => t.Redelivered,
            TopOrder.Dead => t.Dead,
            _ => 0,
        };
        var sorted = topics.OrderByDescending(Key).ThenBy(t => t.Topic, StringComparer.Ordinal).ToList();
        var room = sorted.Count < rows ? sorted.Count : rows - 2;
        foreach (var topic in sorted.Take(room))
        {
            var line = new TopLine(width).Add(EventLine.Plain(topic.Topic, name - 1).PadRight(name)).Add(TopView.Short(rate(topic)).PadLeft(RateWidth), TopStyle.Rate);
            shown.ForEach(c => line.Add(TopView.Short(c.Value(topic)).PadLeft(c.Width), c.Order == TopOrder.Dead && topic.Dead > 0 ? TopStyle.Trouble : TopStyle.Plain));
            yield return line;
        }

        if (room >= 0 && room < sorted.Count)
        {
            yield return TopLine.Plain($"… and {Counted.Of(sorted.Count - room, "more topic")}", width, TopStyle.Faint);
        }
    }

    private static string Mark(string title, bool sorted) => sorted ? title + "▼" : title;
}
