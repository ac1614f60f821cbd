using System.Globalization;
using Rookery.Command.Tests;
using Xunit.Abstractions;

namespace Rookery.Crash.Tests;

/// <summary>
/// Everything from the stream to the topics as a process, killed in the middle. What was committed stays, and every change
/// that was committed is published once: <c>rookery.db</c> numbers its changes, so the topics must hold as many events.
/// </summary>
public sealed class PipelineCrashTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("rookery-crash-").FullName;
    private readonly TopicReader _tweets = new("tweets");
    private readonly TopicReader _users = new("users");
    private readonly HashSet<long> _committed = [];

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task What_was_committed_is_published_once_whenever_the_pipeline_is_killed_or_asked_to_stop()
    {
        var random = Dice.Roll(output, out var seed);
        var kills = Math.Max(2, Dice.Number("ROOKERY_CRASH_ROUNDS", 5) / 2);
        try
        {
            await SubscribeAsync();
            for (var round = 0; round < kills; round++)
            {
                await KillAsync(random);
            }

            // Ctrl-C, and then what service managers send.
            await StopAsync("INT", random);
            await StopAsync("TERM", random);
            await CompareAsync();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"ROOKERY_SEED={seed}: {e.Message}", e);
        }
    }

    /// <summary>Before the first tweet, so that nothing is published that the readers do not hold.</summary>
    private async Task SubscribeAsync()
    {
        await using var run = RookeryProcess.Start("run", "--no-tweets", "--data", _data, "--broker-port", "0");
        var port = await run.PortAsync("broker on ");
        await Task.WhenAll(_tweets.RunAsync(port, all: true), _users.RunAsync(port, all: true)).WaitAsync(RookeryProcess.Deadline);
        await run.SignalAsync("TERM");
        await run.SucceedAsync();
    }

    private async Task KillAsync(Random random)
    {
        // So fast that there is always something committed and not yet published.
        await using var run = Start(random, rate: 3_000);
        var reading = await ReadSomeAsync(run, random.Next(1, 4_000));
        await run.SignalAsync("KILL");
        await run.ExitAsync();
        await reading.WaitAsync(RookeryProcess.Deadline);

        // Only what was committed is published: the row of everything that was seen is there.
        var rows = StoredRows.Read(_data);
        Assert.Superset(_tweets.Changes.Values.Select(c => c.Id).ToHashSet(), rows.Tweets.ToHashSet());
        Assert.Superset(_users.Changes.Values.Select(c => c.Id).ToHashSet(), rows.Users.ToHashSet());
        Assert.True(rows.LastChange >= _tweets.Count + _users.Count, $"{rows.LastChange} changes were committed, {_tweets.Count} and {_users.Count} published");
        output.WriteLine($"killed with {rows.Tweets.Count} tweets and {rows.LastChange} changes, of which {_tweets.Count + _users.Count} were read");
        _committed.UnionWith(rows.Tweets);
    }

    private async Task StopAsync(string signal, Random random)
    {
        await using var run = Start(random, rate: 300);
        var reading = await ReadSomeAsync(run, random.Next(1, 400));
        await run.SignalAsync(signal);
        await run.SucceedAsync();
        await reading.WaitAsync(RookeryProcess.Deadline);
        Assert.Contains("stopping: finishing what is under way", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("given up", run.Out, StringComparison.Ordinal);
        var (read, stored) = Farewell(run.Out);
        Assert.True(stored >= read, $"{read} tweets were read before {signal} and {stored} stored, repeated tweets and originals included");
        _committed.UnionWith(StoredRows.Read(_data).Tweets);
    }

    /// <summary>The broker alone has what a stop left; nothing is under way any more.</summary>
    private async Task CompareAsync()
    {
        await using var run = RookeryProcess.Start("run", "--no-tweets", "--data", _data, "--broker-port", "0");
        var port = await run.PortAsync("broker on ");
        await Task.WhenAll(_tweets.RunAsync(port, all: true), _users.RunAsync(port, all: true)).WaitAsync(RookeryProcess.Deadline);
        await run.SignalAsync("TERM");
        await run.SucceedAsync();

        var rows = StoredRows.Read(_data);
        output.WriteLine($"{rows.Tweets.Count} tweets, {rows.Users.Count} users, {rows.LastChange} changes; published {_tweets.Count} and {_users.Count}");
        Assert.Superset(_committed, rows.Tweets.ToHashSet());
        Assert.Equal(rows.Tweets.Order(), _tweets.Check().Order());
        Assert.Equal(rows.Users.Order(), _users.Check().Order());
        Assert.Equal(rows.LastChange, _tweets.Count + _users.Count);
    }

    private async Task<Task> ReadSomeAsync(RookeryProcess run, int more)
    {
        var port = await run.PortAsync("broker on ");
        var goal = _tweets.Count + more;
        Task[] both = [_tweets.RunAsync(port, all: false), _users.RunAsync(port, all: false)];
        var reading = Task.WhenAll(both);
        using var deadline = new CancellationTokenSource(RookeryProcess.Deadline);
        while (_tweets.Count < goal)
        {
            if (both.FirstOrDefault(r => r.IsCompleted) is { } ended)
            {
                await ended;
            }

            Assert.False(deadline.IsCancellationRequested || both.Any(r => r.IsCompleted), $"never came: change {goal}; {run.Out} {run.Error}");
            await Task.Delay(1, CancellationToken.None);
        }

        return reading;
    }

    /// <summary>Of <c>stopped: read 12 and 3 inside them, scored 15, stored 14 + 1 repeats, …</c> the tweets read and the records stored.</summary>
    private static (long Read, long Stored) Farewell(string said)
    {
        var line = said.Split('\n').Single(l => l.StartsWith("stopped: read ", StringComparison.Ordinal));
        long Of(string what) => long.Parse(line[(line.IndexOf(what, StringComparison.Ordinal) + what.Length)..].Split(' ', ',')[0], CultureInfo.InvariantCulture);
        return (Of("read "), Of("stored "));
    }

    private RookeryProcess Start(Random random, int rate) => RookeryProcess.Start(
        "run", "--data", _data, "--broker-port", "0", "--viewer-port", "0", "--feed-port", "0", "--rate", $"{rate}", "--seed", $"{random.Next(1, 4)}");
}
