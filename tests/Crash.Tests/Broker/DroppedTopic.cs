using System.Globalization;
using System.Text;

namespace Rookery.Crash.Tests;

/// <summary>
/// A topic that is filled and dropped, over and over, whatever happens to the server: what was confirmed before a drop is
/// there until then, and what was confirmed to be dropped never comes back.
/// </summary>
internal sealed class DroppedTopic(Random random)
{
    private const string Topic = "drafts";

    private int _least;
    private int _most;
    private long _lastSequence;
    private bool _mayBeDropped = true;

    /// <summary>Drops confirmed so far.</summary>
    public int Drops { get; private set; }

    /// <summary>Fills and drops the topic until the server dies.</summary>
    public async Task RunAsync(int port)
    {
        using var client = await RawClient.ConnectAsync(port, "{\"confirm\":true}");
        while (client is not null && await FillAsync(client) && await DropAsync(client))
        {
        }
    }

    /// <summary>Holds what a server that was started again has against what it confirmed.</summary>
    public async Task CheckAsync(int port)
    {
        using var client = await RawClient.ConnectAsync(port, "{}");
        if (await client!.StatsAsync(Topic) is not { } stats)
        {
            Assert.True(_mayBeDropped, $"{_least} events of {Topic} were confirmed, and it is gone");
            (_least, _most) = (0, 0);
            return;
        }

        var events = stats.GetProperty("events").GetInt32();
        Assert.InRange(events, _mayBeDropped ? 0 : _least, _most);
        Assert.InRange(stats.GetProperty("seq").GetInt64(), _lastSequence, long.MaxValue);
        (_least, _most, _mayBeDropped) = (events, events, events == 0);
    }

    private async Task<bool> FillAsync(RawClient client)
    {
        var count = random.Next(1, 60);
        var lines = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            lines.Append(CultureInfo.InvariantCulture, $"pub {Topic} {{\"id\":\"d{i}\",\"msg\":\"{i}\"}}\n");
        }

        _most += count;
        await client.SendAsync(lines.ToString());
        for (var i = 0; i < count; i++)
        {
            if (await client.ReadAsync() is not { } reply)
            {
                return false;
            }

            var words = reply.Split(' ');
            Assert.True(words is ["ok", "pub", Topic, _, _] && words[4] == $"d{i}", $"event {i} was answered {reply}");
            var sequence = long.Parse(words[3], CultureInfo.InvariantCulture);
            Assert.True(sequence > _lastSequence, $"{reply}, although {_lastSequence} was given before");
            (_lastSequence, _least, _mayBeDropped) = (sequence, _least + 1, false);
        }

        return true;
    }

    private async Task<bool> DropAsync(RawClient client)
    {
        _mayBeDropped = true;
        await client.SendAsync($"drop {Topic}\n");
        if (await client.ReadAsync() is not { } reply)
        {
            return false;
        }

        Assert.StartsWith("ok drop ", reply, StringComparison.Ordinal);
        Assert.InRange(int.Parse(reply["ok drop ".Length..], CultureInfo.InvariantCulture), _least, _most);
        (_least, _most) = (0, 0);
        Drops++;
        return true;
    }
}
