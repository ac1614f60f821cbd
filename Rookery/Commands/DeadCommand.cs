using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Rookery.Client;

namespace Rookery.Command;

/// <summary><c>rookery dead</c>: events that subscriptions gave up on, each with its tries, age, size and how it begins.</summary>
internal static class DeadCommand
{
    private static readonly Argument<string> Topic = DeadLetterCommands.MakeTopic();
    private static readonly Argument<string?> Subscription = new("subscription")
    {
        Description = "Key of a subscription as stats shows it, such as client:alice; without it every one that has some",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Setting<int> Limit = Settings.Whole("--limit", "Most that are shown of a subscription, the oldest first", 100, 1, 1_000_000, "letters");
    private static readonly Setting<bool> Json = Settings.Flag("--json", "Print each as a JSON object: subscription, topic, priority, msg, id, seq, ts, tries, died (times in ms since 1970)");

    private static readonly Column[] Columns =
    [
        new("seq", IsNumber: true), new("id") { IsWhole = true }, new("tries", IsNumber: true), new("died", IsNumber: true), new("published", IsNumber: true), new("bytes", IsNumber: true), new("message"),
    ];

    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command(
            "dead", "Show the dead letters of a topic: events that were given back (nack, lease over, connection lost) as often as their subscription allows; needs the right to administer the topic")
        {
            Topic, Subscription, Limit, Json,
        };
        BrokerSettings.AddTo(command);
        command.SetAction((parsed, _) => Asking.RunAsync(parsed, around, (client, stop) => ShowAsync(client, parsed, around, stop)));
        return command;
    }

    private static async Task ShowAsync(RookeryClient client, ParseResult parsed, Surroundings around, CancellationToken stop)
    {
        var topic = parsed.GetValue(Topic)!;
        var keys = parsed.GetValue(Subscription) is { } one ? [one] : await WithDeadAsync(client, topic, stop);
        var figures = new Figures(around);
        if (keys.Count == 0 && !parsed.GetValue(Json))
        {
            around.Out.WriteLine($"topic {topic} has no dead letters");
        }

        foreach (var key in keys)
        {
            var dead = await client.DeadLettersAsync(topic, key, parsed.GetValue(Limit), stop);
            if (parsed.GetValue(Json))
            {
                foreach (var letter in dead.First)
                {
                    around.Out.WriteLine($"{{\"subscription\":{CommandJson.Text(key)},{Encoding.UTF8.GetString(letter.Span)[1..]}");
                }

                continue;
            }

            around.Out.WriteLine($"{key}: {Counted.Of(dead.Count, "dead letter")}{(dead.First.Count < dead.Count ? $", the oldest {dead.First.Count} of them" : "")}");
            if (dead.First.Count > 0)
            {
                var now = DateTimeOffset.UtcNow;
                figures.Table(Columns, dead.First.Select(l => Row(l, now, around.IsLive)));
            }
        }
    }

    /// <summary>Subscriptions of a topic that have dead letters.</summary>
    private static async Task<List<string>> WithDeadAsync(RookeryClient client, string topic, CancellationToken stop)
    {
        using var stats = await client.StatsAsync(topic, stop);
        return [.. stats.RootElement.GetProperty("subscriptions").EnumerateArray().Where(s => s.GetProperty("dead").GetInt64() > 0).Select(s => s.GetProperty("key").GetString()!)];
    }

    private static IReadOnlyList<string> Row(ReadOnlyMemory<byte> letter, DateTimeOffset now, bool live)
    {
        using var json = JsonDocument.Parse(letter);
        var root = json.RootElement;
        var message = root.GetProperty("msg");
        var id = root.GetProperty("id");
        return
        [
            root.GetProperty("seq").GetRawText(),
            EventLine.Plain(Text(id), live ? 24 : 256),
            root.GetProperty("tries").GetRawText(),
            live ? Ago(now, root.GetProperty("died").GetInt64()) : root.GetProperty("died").GetRawText(),
            live ? Ago(now, root.GetProperty("ts").GetInt64()) : root.GetProperty("ts").GetRawText(),
            Encoding.UTF8.GetByteCount(message.GetRawText()).ToString(CultureInfo.InvariantCulture),
            EventLine.Plain(Text(message), live ? 40 : 200),
        ];
    }

    private static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? JsonString.Read(JsonMarshal.GetRawUtf8Value(value)) : value.GetRawText();

    private static string Ago(DateTimeOffset now, long then)
    {
        var age = TimeSpan.FromMilliseconds(Math.Max(0, now.ToUnixTimeMilliseconds() - then));
        return Durations.Rounded(age) + " ago";
    }
}
