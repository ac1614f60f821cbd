using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Rookery.Command.Tests;

public sealed partial class LogFormatTests
{
    private readonly List<string> _lines = [];

    [Fact]
    public void As_JSON_each_entry_is_a_line_with_what_it_is_about_by_name()
    {
        using var logs = new LineLogger(_lines.Add, verbose: false, json: true);
        LogGone(logs.CreateLogger("Rookery.Wire.Somewhere"), "a\n\"b\"", 7, new IOException("no more"));
        LogNothing(logs.CreateLogger("Rookery.Wire.Somewhere"));
        logs.Warn("mind the gap");
        Assert.Equal(2, _lines.Count);
        using var entry = JsonDocument.Parse(_lines[0]);
        var root = entry.RootElement;
        Assert.Equal("error", root.GetProperty("level").GetString());
        Assert.Equal("Rookery.Wire.Somewhere", root.GetProperty("category").GetString());
        Assert.Equal("LogGone", root.GetProperty("event").GetString());
        Assert.Equal("a\n\"b\" is gone with 7", root.GetProperty("message").GetString());
        Assert.Equal(("a\n\"b\"", "7"), (root.GetProperty("about.who").GetString(), root.GetProperty("about.count").GetString()));
        Assert.Equal("no more", root.GetProperty("exception").GetString());
        Assert.True(root.GetProperty("time").TryGetDateTime(out _));
        Assert.DoesNotContain('\n', _lines[0]);
        using var warning = JsonDocument.Parse(_lines[1]);
        Assert.Equal(("warning", "mind the gap"), (warning.RootElement.GetProperty("level").GetString(), warning.RootElement.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task All_that_a_run_logs_is_JSON_where_that_is_asked_for()
    {
        var data = Directory.CreateTempSubdirectory("rookery-").FullName;
        var shell = new Shell();
        Assert.Equal(ExitCode.Ok, await shell.RunAsync(
            "run", "--no-tweets", "--data", data, "--broker-port", "0", "--host", "*", "--allow-open", "--log-format", "json", "--duration", "1ms", "--verbose"));
        Directory.Delete(data, recursive: true);
        var lines = shell.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, l => l.Contains("everybody who can reach", StringComparison.Ordinal));
        Assert.All(lines, l => JsonDocument.Parse(l).Dispose());
    }

    [LoggerMessage(LogLevel.Error, "{Who} is gone with {Count}")]
    private static partial void LogGone(ILogger logger, string who, int count, Exception reason);

    [LoggerMessage(LogLevel.Information, "nothing")]
    private static partial void LogNothing(ILogger logger);
}
