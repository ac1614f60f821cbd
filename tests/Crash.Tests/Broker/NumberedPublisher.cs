using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Rookery.Crash.Tests;

/// <summary>
/// A producer that numbers its events and remembers which were confirmed, and as what. After a crash it sends again what
/// was not, then goes on: so of every number there must be exactly one event in the end. With a window of one it also says
/// again what a server that goes on could not take; with more, events behind that one would have used its number up.
/// </summary>
/// <param name="topic">Where it publishes.</param>
/// <param name="random">Its dice.</param>
/// <param name="lane">What tells its events from those of other publishers of the topic.</param>
/// <param name="window">Events that may be unconfirmed.</param>
internal sealed class NumberedPublisher(string topic, Random random, string lane = "", int window = 400)
{
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMilliseconds(50);
    private static readonly string Filling = new('x', 4096);

    private readonly List<string> _sent = [];
    private readonly Dictionary<string, long> _sequences = [];
    private int _confirmed;
    private long _confirmedAt = Stopwatch.GetTimestamp();
    private TimeSpan _longestGap;
    private int _refused;

    public string Topic => topic;

    /// <summary>Events so far, confirmed or not.</summary>
    public int Sent => _sent.Count;

    /// <summary>Events confirmed so far: the first so many, as confirms come in order.</summary>
    public int Confirmed => Volatile.Read(ref _confirmed);

    /// <summary>The number in the topic that each id was confirmed to have; known but for repeats.</summary>
    public IReadOnlyDictionary<string, long> Sequences => _sequences;

    /// <summary>Times that an outcome was unknown to the server.</summary>
    public int Unknown { get; private set; }

    /// <summary>Times that an event was not confirmed, for certain or not.</summary>
    public int Refused => Volatile.Read(ref _refused);

    public string IdOf(int number) => $"{lane}e{number}";

    /// <summary>The longest time between two confirms since this was asked last.</summary>
    public TimeSpan TakeLongestGap()
    {
        var longest = _longestGap;
        _longestGap = TimeSpan.Zero;
        return longest;
    }

    /// <summary>Publishes until told to stop, and everything was confirmed, or until the server dies.</summary>
    /// <returns>Whether everything was confirmed.</returns>
    public async Task<bool> RunAsync(int port, CancellationToken stop)
    {
        using var client = await RawClient.ConnectAsync(port, $"{{\"confirm\":true,\"producer\":\"of-{topic}{lane}\"}}");
        var (inDoubt, next) = (_sent.Count, _confirmed);
        var lines = new StringBuilder();
        while (client is not null)
        {
            lines.Clear();
            while (next - _confirmed < window && (next < inDoubt || !stop.IsCancellationRequested))
            {
                lines.Append(LineOf(next++));
            }

            await client.SendAsync(lines.ToString());
            if (_confirmed == next)
            {
                return true;
            }

            do
            {
                if (await client.ReadAsync() is not { } reply)
                {
                    return false;
                }

                if (window == 1 && WasRefused(reply))
                {
                    (inDoubt, next) = (_sent.Count, _confirmed);
                    await Task.Delay(AgainAfter, CancellationToken.None);
                    break;
                }

                Confirm(reply, mayBeRepeat: _confirmed < inDoubt);
            }
            while (client.HasMore && _confirmed < next);
        }

        return false;
    }

    private bool WasRefused(string reply)
    {
        var isUnknown = reply.StartsWith("error: unknown outcome: pub ", StringComparison.Ordinal);
        Unknown += isUnknown ? 1 : 0;
        if (!isUnknown && !reply.StartsWith("error: unavailable: pub ", StringComparison.Ordinal))
        {
            return false;
        }

        Interlocked.Increment(ref _refused);
        return true;
    }

    private string LineOf(int index)
    {
        if (index == _sent.Count)
        {
            // Mostly small, and now and then larger than a packet.
            var length = random.Next(10) == 0 ? random.Next(Filling.Length) : random.Next(64);
            _sent.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"pub {topic} {{\"id\":\"{IdOf(index + 1)}\",\"n\":{index + 1},\"priority\":{random.Next(-1, 3)},\"msg\":\"{Filling.AsSpan(0, length)}\"}}\n"));
        }

        return _sent[index];
    }

    private void Confirm(string reply, bool mayBeRepeat)
    {
        var words = reply.Split(' ');
        var id = IdOf(_confirmed + 1);
        Assert.True(words is ["ok", "pub", _, _, _] && words[2] == topic && words[4] == id, $"{id} was answered {reply}");
        var sequence = long.Parse(words[3], CultureInfo.InvariantCulture);
        Assert.True(sequence > 0 || mayBeRepeat, $"{id} was sent once, and confirmed as a repeat: {reply}");
        if (sequence > 0)
        {
            _sequences.Add(id, sequence);
        }

        var now = Stopwatch.GetTimestamp();
        var gap = Stopwatch.GetElapsedTime(_confirmedAt, now);
        _longestGap = gap > _longestGap ? gap : _longestGap;
        _confirmedAt = now;
        Volatile.Write(ref _confirmed, _confirmed + 1);
    }
}
