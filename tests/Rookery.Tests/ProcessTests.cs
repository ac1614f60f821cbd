using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Rookery.Command.Tests;

/// <summary>The command as people run it.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("rookery-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Tweets_reach_a_subscriber_a_viewer_and_the_status_line_and_stopping_loses_none()
    {
        await using var run = RookeryProcess.Start(
            "--data", _data, "--broker-port", "0", "--viewer-port", "0", "--feed-port", "0", "--rate", "200", "--seed", "1");
        var broker = await run.PortAsync("broker on ");
        var viewer = await run.PortAsync("viewers on ");

        await using var sub = RookeryProcess.Start("sub", "tweets", "--json", "--count", "20", "--port", $"{broker}");
        await sub.SucceedAsync();
        var events = sub.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(20, events.Count);
        Assert.All(events, e => Assert.Equal(e.GetProperty("id").GetString(), e.GetProperty("msg").GetProperty("id").GetString()));

        Assert.StartsWith("tweet: worker-", await WatchAsync(viewer), StringComparison.Ordinal);
        await run.LineAsync(l => l.Contains(" stored=", StringComparison.Ordinal) && !l.Contains(" stored=0/s", StringComparison.Ordinal));

        await run.SignalAsync("INT");
        await run.SucceedAsync();
        Assert.Contains("stopping: finishing what is under way", run.Out, StringComparison.Ordinal);
        Assert.Contains("stopped: read ", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("given up", run.Out, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_data, "rookery.db")));
    }

    [Fact]
    public async Task What_was_published_outlives_a_kill_and_waits_for_its_subscriber()
    {
        await using (var first = RookeryProcess.Start("run", "--no-tweets", "--data", _data, "--broker-port", "0"))
        {
            var port = await first.PortAsync("broker on ");
            await PublishAsync(port, "first");
            await using var early = RookeryProcess.Start("sub", "t", "--as", "me", "--count", "1", "--port", $"{port}");

            // It has subscribed when an event comes through.
            for (var n = 0; !early.Out.Contains('#', StringComparison.Ordinal); n++)
            {
                await PublishAsync(port, $"hello-{n}");
            }

            await early.SucceedAsync();
            await using var late = RookeryProcess.Start("pub", "t", "after", "--id", "after", "--verbose", "--port", $"{port}");
            await late.SucceedAsync();
            Assert.EndsWith(" after", late.Out.Trim(), StringComparison.Ordinal);
            await first.SignalAsync("KILL");
            await first.ExitAsync();
        }

        await using var second = RookeryProcess.Start("run", "--no-tweets", "--data", _data, "--broker-port", "0");
        var again = await second.PortAsync("broker on ");
        await using var sub = RookeryProcess.Start("sub", "t", "--as", "me", "--port", $"{again}");
        Assert.Contains("after", await sub.LineAsync(l => l.EndsWith(" id=after after", StringComparison.Ordinal)), StringComparison.Ordinal);
        await second.SignalAsync("TERM");
        await second.SucceedAsync();
    }

    [Fact]
    public async Task A_port_in_use_and_a_folder_in_use_are_told_with_what_to_do()
    {
        await using var run = RookeryProcess.Start("run", "--no-tweets", "--data", _data, "--broker-port", "0");
        var port = await run.PortAsync("broker on ");
        await using var sameFolder = RookeryProcess.Start("run", "--no-tweets", "--data", _data, "--broker-port", "0");
        Assert.Equal(1, await sameFolder.ExitAsync());
        Assert.StartsWith($"rookery: the data folder {_data} is in use by ", sameFolder.Error, StringComparison.Ordinal);
        Assert.Contains(OperatingSystem.IsLinux() ? $" (process {run.Id}: " : "another process", sameFolder.Error, StringComparison.Ordinal);
        Assert.Contains("--data DIR", sameFolder.Error, StringComparison.Ordinal);
        Assert.Single(sameFolder.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));

        var other = Path.Combine(_data, "other");
        await using var samePort = RookeryProcess.Start("run", "--no-tweets", "--data", other, "--broker-port", $"{port}");
        Assert.Equal(1, await samePort.ExitAsync());
        Assert.StartsWith($"rookery: cannot listen on 127.0.0.1:{port}: the port is in use", samePort.Error, StringComparison.Ordinal);
        Assert.Contains(OperatingSystem.IsLinux() ? $" (process {run.Id}: " : "in use", samePort.Error, StringComparison.Ordinal);
        Assert.Contains(". Choose another with --broker-port N", samePort.Error, StringComparison.Ordinal);
        Assert.Single(samePort.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_folder_of_a_newer_version_is_left_alone()
    {
        await File.WriteAllTextAsync(Path.Combine(_data, "VERSION"), "9999\n");
        await using var run = RookeryProcess.Start("run", "--data", _data, "--broker-port", "0");
        Assert.Equal(1, await run.ExitAsync());
        Assert.Contains("newer version", run.Error, StringComparison.Ordinal);
        Assert.Contains("--data DIR", run.Error, StringComparison.Ordinal);
        Assert.Equal(["VERSION"], Directory.GetFileSystemEntries(_data).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_tweet_server_that_is_away_has_no_symbols_loaded()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // Nobody listens on port 1, and the first pauses are short.
        await using var run = RookeryProcess.Start("run", "--source", "http://127.0.0.1:1", "--data", _data, "--broker-port", "0");
        var failures = 0;
        await run.LineAsync(l => l.Contains("connecting again", StringComparison.Ordinal) && ++failures == 6);
        var maps = await File.ReadAllTextAsync($"/proc/{run.Id}/maps");
        Assert.Contains("System.Net.Sockets.dll", maps, StringComparison.Ordinal);
        Assert.DoesNotContain("System.Reflection.Metadata.dll", maps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_may_be_given_its_time()
    {
        await using var run = RookeryProcess.Start("run", "--no-tweets", "--data", _data, "--broker-port", "0", "--duration", "1500ms");
        await run.SucceedAsync();
        Assert.Contains("published=0/s delivered=0/s connections=0 total=0", run.Out, StringComparison.Ordinal);
        Assert.Contains("stopped: published 0, delivered 0", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_read_is_not_acknowledged()
    {
        await using var run = RookeryProcess.Start("run", "--no-tweets", "--data", _data, "--broker-port", "0");
        var port = await run.PortAsync("broker on ");
        await PublishAsync(port, "first");
        await using var sub = RookeryProcess.Start("sub", "t", "--as", "me", "--port", $"{port}");
        for (var n = 1; !sub.Out.Contains('#', StringComparison.Ordinal); n++)
        {
            await PublishAsync(port, $"hello-{n}");
        }

        sub.CloseOutput();
        await PublishAsync(port, "unread");
        Assert.Equal(ExitCode.Ok, await sub.CodeAsync());
        Assert.Equal("", sub.Error);
        await using var again = RookeryProcess.Start("sub", "t", "--as", "me", "--port", $"{port}");
        await again.LineAsync(l => l.EndsWith(" unread", StringComparison.Ordinal));
    }

    private static async Task PublishAsync(int port, string id)
    {
        await using var pub = RookeryProcess.Start("pub", "t", id, "--id", id, "--port", $"{port}");
        await pub.SucceedAsync();
    }

    private static async Task<string> WatchAsync(int port)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", port);
        await tcp.GetStream().WriteAsync("twitter\n"u8.ToArray());
        using var reader = new StreamReader(tcp.GetStream(), Encoding.UTF8);
        Assert.StartsWith("Type `twitter`", await reader.ReadLineAsync().WaitAsync(RookeryProcess.Deadline), StringComparison.Ordinal);
        Assert.Equal("[Command] run :twitter", await reader.ReadLineAsync().WaitAsync(RookeryProcess.Deadline));
        return await reader.ReadLineAsync().WaitAsync(RookeryProcess.Deadline) ?? "";
    }
}
