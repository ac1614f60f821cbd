namespace Rookery.Crash.Tests;

/// <summary>
/// A subscriber that acknowledges by ranges and lists, some events late and, before the end, some not at all. On one
/// connection nothing is given back, so each priority must come in the order of its numbers; unless the server is one that
/// goes on when a part of it died: then what was in flight comes again, and an ack may have no certain outcome.
/// </summary>
internal sealed class RangeSubscriber(Ledger ledger, string hello, string options, double patience, Random random, bool goesOn = false)
{
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMilliseconds(50);

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
            using var client = await RawClient.ConnectAsync(port, hello, mayRefuse: goesOn);
            if (client is null || !await SubscribeAsync(client))
            {
                return;
            }

            Subscribed.SetResult();
            while (await client.ReadAsync() is { } line && !IsEnd(line))
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

    // Whoever lost its gateway may be thought by the cluster to be there still when it comes back.
    private bool IsEnd(string line) =>
        line == "error: shutting down" || (goesOn && line is "error: taken over by another connection" or "error: connection to the broker lost");

    private async Task<bool> SubscribeAsync(RawClient client)
    {
        var (line, answer) = ($"sub {ledger.Topic} {options}", $"successfully subscribed to topic {ledger.Topic}");
        if (!goesOn)
        {
            return await client.AskAsync(line, answer);
        }

        await client.SendAsync(line + "\n");
        while (await client.ReadAsync() is { } said && !IsEnd(said))
        {
            if (said == answer)
            {
                return true;
            }

            if (said.StartsWith('{'))
            {
                // An earlier attempt whose outcome was unknown did subscribe.
                Take(said, everything: true);
                continue;
            }

            Assert.True(HasNoOutcome(said, "sub"), said);
            await Task.Delay(AgainAfter, CancellationToken.None);
            await client.SendAsync(line + "\n");
        }

        return false;
    }

    private static bool HasNoOutcome(string line, string command) =>
        line.StartsWith($"error: unavailable: {command} ", StringComparison.Ordinal)
        || line.StartsWith($"error: unknown outcome: {command} ", StringComparison.Ordinal);

    private void Answered(string line, List<long> wanted)
    {
        if (line == $"acknowledged {wanted.Count}")
        {
            ledger.Settle(wanted);
        }
        else
        {
            // Which of them, if any, cannot be known; those that were not come again.
            Assert.True(goesOn && (HasNoOutcome(line, "ack") || line.StartsWith("acknowledged ", StringComparison.Ordinal)), $"of {wanted.Count}: {line}");
        }
    }

    private void Take(string line, bool everything)
    {
        if (!line.StartsWith('{'))
        {
            Answered(line, _unconfirmed.Dequeue());
            return;
        }

        var pushed = Pushed.Parse(line);
        ledger.Deliver(pushed);
        var last = _last.GetValueOrDefault(pushed.Priority);
        Assert.True(
            goesOn || pushed.Sequence > last, $"{ledger.Topic}, {ledger.Key}: #{pushed.Sequence} of priority {pushed.Priority} came after #{last}");
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

        var settled = _ready.Distinct().Order().ToList();
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
