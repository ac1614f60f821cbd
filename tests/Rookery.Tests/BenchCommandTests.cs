using System.Text.Json;

namespace Rookery.Command.Tests;

/// <summary>The measurement of a broker: that it does what it says, never how fast anything is.</summary>
public sealed class BenchCommandTests
{
    [Fact]
    public async Task A_broker_of_its_own_is_measured_and_nothing_is_left()
    {
        var shell = new Shell();
        Assert.Equal(ExitCode.Ok, await shell.RunAsync("bench", "--start", "--events", "200", "--single", "5", "--subscribers", "2", "--durability", "memory", "--json"));
        using var json = JsonDocument.Parse(Assert.Single(shell.OutLines));
        var root = json.RootElement;
        Assert.Equal(("memory", 200, 2), (root.GetProperty("durability").GetString(), root.GetProperty("events").GetInt32(), root.GetProperty("subscribers").GetInt32()));
        Assert.All(new[] { "confirmed_per_s", "delivered_per_s" }, rate => Assert.True(root.GetProperty(rate).GetDouble() > 0));
        Assert.All(new[] { "confirm", "delivery" }, times => Assert.InRange(root.GetProperty(times).GetProperty("p50_ms").GetDouble(), 0, root.GetProperty(times).GetProperty("p99_ms").GetDouble()));
        Assert.Empty(shell.Error);
    }

    [Fact]
    public async Task A_running_broker_is_measured_and_its_topic_dropped()
    {
        var data = Directory.CreateTempSubdirectory("rookery-").FullName;
        await using (var run = RookeryProcess.Start("run", "--no-tweets", "--data", data, "--broker-port", "0"))
        {
            var port = await run.PortAsync("broker on ");
            var shell = new Shell { IsLive = true };
            Assert.Equal(ExitCode.Ok, await shell.RunAsync("bench", "--port", $"{port}", "--events", "300", "--single", "0", "--subscribers", "0"));
            Assert.Contains($" at 127.0.0.1:{port}, durability fsync", shell.OutLines[0], StringComparison.Ordinal);
            Assert.Contains("300 events of 100 bytes to no subscribers", shell.OutLines[1], StringComparison.Ordinal);
            Assert.StartsWith("confirmed   ", shell.OutLines[2], StringComparison.Ordinal);
            Assert.Equal(3, shell.OutLines.Length);
            Assert.Contains("publishing", shell.Error, StringComparison.Ordinal);
            var topics = new Shell();
            await topics.RunAsync("topics", "--json", "--port", $"{port}");
            Assert.Equal("[]\n", topics.Out);
            await run.SignalAsync("TERM");
            await run.SucceedAsync();
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public void Times_are_of_the_nearest_rank()
    {
        Assert.Equal(new BenchTimes(50, 99, 100), BenchTimes.Of([.. Enumerable.Range(1, 100).Select(n => (double)n)]));
        Assert.Equal(new BenchTimes(7, 7, 7), BenchTimes.Of([7]));
        Assert.Null(BenchTimes.Of([]));
    }
}
