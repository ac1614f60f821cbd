using System.Globalization;
using System.Text.Json;

namespace Rookery.Crash.Tests;

/// <summary>An event as it was pushed.</summary>
internal readonly record struct Pushed(long Sequence, string Id, int Priority)
{
    public static Pushed Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        return new Pushed(root.GetProperty("seq").GetInt64(), root.GetProperty("id").GetString()!, root.GetProperty("priority").GetInt32());
    }
}

/// <summary>What clients were told about one subscription, whatever became of the server. Members of a group share one.</summary>
internal sealed class Ledger(string topic, string key)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, string> _delivered = [];
    private readonly HashSet<string> _ids = [];
    private readonly HashSet<long> _settled = [];

    public string Topic => topic;

    /// <summary>The subscription, as statistics name it.</summary>
    public string Key => key;

    /// <summary>Events whose acknowledgement was confirmed.</summary>
    public int Settled
    {
        get
        {
            lock (_gate)
            {
                return _settled.Count;
            }
        }
    }

    public void Deliver(Pushed pushed)
    {
        lock (_gate)
        {
            Assert.False(_settled.Contains(pushed.Sequence), $"{topic}, {key}: #{pushed.Sequence} came after its confirmed ack");
            if (_delivered.TryGetValue(pushed.Sequence, out var id))
            {
                Assert.True(id == pushed.Id, $"{topic}, {key}: #{pushed.Sequence} was {id} and now is {pushed.Id}");
            }
            else
            {
                _delivered.Add(pushed.Sequence, pushed.Id);
                Assert.True(_ids.Add(pushed.Id), $"{topic}, {key}: {pushed.Id} is there twice, the second time as #{pushed.Sequence}");
            }
        }
    }

    public void Settle(IEnumerable<long> sequences)
    {
        lock (_gate)
        {
            foreach (var sequence in sequences)
            {
                Assert.True(_settled.Add(sequence), $"{topic}, {key}: #{sequence} was settled twice");
            }
        }
    }

    /// <summary>Holds everything that was confirmed to the publishers of the topic against what came.</summary>
    public void Check(params IReadOnlyCollection<NumberedPublisher> publishers)
    {
        foreach (var publisher in publishers)
        {
            Assert.Equal(publisher.Sent, publisher.Confirmed);
            var lost = Enumerable.Range(1, publisher.Sent).Select(publisher.IdOf).Where(id => !_ids.Contains(id)).ToList();
            Assert.True(lost.Count == 0, string.Create(CultureInfo.InvariantCulture, $"{topic}, {key}: {lost.Count} confirmed events never came, the first {lost.FirstOrDefault()}"));
            foreach (var (id, sequence) in publisher.Sequences)
            {
                Assert.True(_delivered[sequence] == id, $"{topic}, {key}: {id} was confirmed as #{sequence}, which is {_delivered[sequence]}");
            }
        }

        var sent = publishers.Sum(publisher => publisher.Sent);
        Assert.Equal(sent, _delivered.Count);
        Assert.Equal(sent, _delivered.Keys.Max());
    }
}
