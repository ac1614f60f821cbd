using System.Globalization;
using System.Text.Json;

namespace Rookery.Crash.Tests;

/// <summary>A change as it was published.</summary>
internal readonly record struct Change(long Id, bool IsNew);

/// <summary>Reads a topic of changes from its start as a named subscriber, over all lives of the server.</summary>
internal sealed class TopicReader(string topic)
{
    private readonly SortedDictionary<long, Change> _changes = [];
    private int _count;

    /// <summary>Changes so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Changes by their number in the topic.</summary>
    public IReadOnlyDictionary<long, Change> Changes => _changes;

    /// <summary>Reads until the server ends, or it has everything.</summary>
    /// <param name="port">Where the server is.</param>
    /// <param name="all">Whether to stop at the last event there is.</param>
    public async Task RunAsync(int port, bool all)
    {
        using var client = await RawClient.ConnectAsync(port, $"{{\"as\":\"reader-of-{topic}\",\"meta\":true,\"quiet\":true}}");
        if (client is null || !await client.AskAsync($"sub {topic} {{\"from\":\"start\",\"window\":500}}", $"successfully subscribed to topic {topic}"))
        {
            return;
        }

        var last = all ? await LastAsync(port) : long.MaxValue;
        while (_changes.Count < last && await client.ReadAsync() is { } line && line != "error: shutting down")
        {
            var sequence = Take(line);
            await client.SendAsync(string.Create(CultureInfo.InvariantCulture, $"ack {topic} #{sequence}\n"));
        }
    }

    /// <summary>Every number is there, none twice, and each thing was new once, before all else that was said of it.</summary>
    /// <returns>What was new.</returns>
    public IReadOnlySet<long> Check()
    {
        Assert.Equal(_changes.Count, (int)_changes.Keys.Last());
        var known = new HashSet<long>();
        foreach (var (number, change) in _changes)
        {
            Assert.True(known.Add(change.Id) == change.IsNew, $"{topic}: #{number} says that {change.Id} is {(change.IsNew ? "new, and it is not" : "not new, and it is")}");
        }

        return known;
    }

    private async Task<long> LastAsync(int port)
    {
        using var client = await RawClient.ConnectAsync(port, "{}");
        return (await client!.StatsAsync(topic))!.Value.GetProperty("seq").GetInt64();
    }

    private long Take(string line)
    {
        using var json = JsonDocument.Parse(line);
        var message = json.RootElement.GetProperty("msg");
        var sequence = json.RootElement.GetProperty("seq").GetInt64();
        var id = message.GetProperty("id").GetString()!;
        Assert.Equal(id, json.RootElement.GetProperty("id").GetString());
        var change = new Change(long.Parse(id, CultureInfo.InvariantCulture), message.GetProperty("change").GetString() == "created");
        if (!_changes.TryAdd(sequence, change))
        {
            Assert.Equal(_changes[sequence], change);
        }

        Volatile.Write(ref _count, _changes.Count);
        return sequence;
    }
}
