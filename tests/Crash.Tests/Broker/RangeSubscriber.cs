namespace Rookery.Crash.Tests;

/// <summary>
/// A subscriber that acknowledges by ranges and lists, some events late and, before the end, some not at all. On one
/// connection nothing is given back, so each priority must come in the order of its numbers.
/// </summary>
internal sealed class RangeSubscriber(Ledger ledger, string hello, string options, double patience, Random random)
{
    private const int MostKept = 40;

    private readonly Dictionary<int, long> _last = [];
    private readonly Queue<List<long>> _unconfirmed = new();
    private readonly List<long> _ready = [];
    private readonly List<long> _kept = [];

    /// <summary>Completes when it has subscribed, or the server died before.</summary>
    public TaskCompletionSource Subscribed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Receives until the server dies or is stopped.</summary>
    /// <param name="port">Where the server is.</param>
    /// <param name="everything">Whether it keeps nothing back.</param>
    public async Task RunAsync(int port, bool everything)
    {
        try
        {
            using var client = await RawClient.ConnectAsync(port, hello);
            if (client is null || !await client.AskAsync($"sub {ledger.Topic} {options}", $"successfully subscribed to topic {ledger.Topic}"))
            {
                return;
            }

            Subscribed.SetResult();
            while (await client.ReadAsync() is { } line && line != "error: shutting down")
            {
                Take(line, everything);
                if (_ready.Count > 0 && (!client.HasMore || random.Next(30) == 0))
                {
                    await AcknowledgeAsync(client);
                }
            }
        }
        catch (Exception e)
        {
            Subscribed.TrySetException(e);
            throw;
        }
        finally
        {
            Subscribed.TrySetResult();
        }
    }

    private void Take(string line, bool everything)
    {
        if (!line.StartsWith('{'))
        {
            var wanted = _unconfirmed.Dequeue();
            Assert.Equal($"acknowledged {wanted.Count}", line);
            ledger.Settle(wanted);
            return;
        }

        var pushed = Pushed.Parse(line);
        ledger.Deliver(pushed);
        Assert.True(
            !_last.TryGetValue(pushed.Priority, out var last) || pushed.Sequence > last,
            $"{ledger.Topic}, {ledger.Key}: #{pushed.Sequence} of priority {pushed.Priority} came after #{last}");
        _last[pushed.Priority] = pushed.Sequence;
        var keeps = !everything && _kept.Count < MostKept && random.NextDouble() < patience;
        (keeps ? _kept : _ready).Add(pushed.Sequence);
    }

    private Task AcknowledgeAsync(RawClient client)
    {
        if (random.Next(4) == 0)
        {
            _ready.AddRange(_kept);
            _kept.Clear();
        }

        var settled = _ready.Order().ToList();
        _ready.Clear();
        _unconfirmed.Enqueue(settled);
        return client.SendAsync($"ack {ledger.Topic} {Ranges(settled)}\n");
    }

    /// <summary><c>#1-3,#7</c>; of a group what lies between belongs to others, so no range may jump.</summary>
    private static string Ranges(List<long> sorted)
    {
        var ranges = new List<string>();
        for (var i = 0; i < sorted.Count;)
        {
            var first = i;
            while (++i < sorted.Count && sorted[i] == sorted[i - 1] + 1)
            {
            }

            var (from, to) = (sorted[first], sorted[i - 1]);
            ranges.Add(from == to ? $"#{from}" : $"#{from}-{to}");
        }

        return string.Join(',', ranges);
    }
}
