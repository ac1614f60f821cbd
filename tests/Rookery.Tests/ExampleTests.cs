using System.Diagnostics;
using System.Globalization;
using Rookery.Client;

namespace Rookery.Command.Tests;

/// <summary>The clients in examples/, each against a broker that runs.</summary>
public sealed class ExampleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rookery-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ProgramFact("python3")]
    public Task The_client_in_Python_prints_and_acknowledges_what_comes() =>
        ReadsAndAcknowledgesAsync("client:example-python", ["\"é?\"", "2"], port => ["python3", Script("rookery.py"), "t", "2", $"127.0.0.1:{port}"]);

    [ProgramFact("node")]
    public Task The_client_in_Node_prints_and_acknowledges_what_comes() =>
        ReadsAndAcknowledgesAsync("client:example-node", ["\"é\\ud800\"", "2"], port => ["node", Script("rookery.mjs"), "t", "2", $"127.0.0.1:{port}"]);

    [ProgramFact("bash")]
    public Task The_client_in_shell_prints_and_acknowledges_what_comes() =>
        ReadsAndAcknowledgesAsync("client:example-shell", ["\"msg\":\"é\\ud800\",\"id\":\"1\"", "\"msg\":2,\"id\":\"2\""], port => ["bash", Script("rookery.sh"), "t", "2", $"127.0.0.1:{port}"]);

    private async Task ReadsAndAcknowledgesAsync(string key, string[] printed, Func<string, string[]> line)
    {
        var shell = new Shell();
        var running = shell.RunAsync("run", "--no-tweets", "--data", _folder, "--broker-port", "0");
        var listening = shell.OutputAsync("broker on ");
        Assert.True(await Task.WhenAny(running, listening) == listening, shell.Error);
        var port = (await listening).Split(' ')[2].Split(':')[1];
        await using (var client = await RookeryClient.ConnectAsync(new RookeryClientOptions { Port = int.Parse(port, CultureInfo.InvariantCulture) }))
        {
            await client.SubscribeAsync("t");
            await client.PublishAsync("t", "1", "\"é\\ud800\""u8.ToArray());
            await client.PublishAsync("t", "2", "2"u8.ToArray());
            await client.PublishAsync("t", "3", "3"u8.ToArray());

            var lines = await RunAsync(line(port));
            Assert.Equal(printed.Length, lines.Length);
            Assert.All(lines.Zip(printed), pair => Assert.Contains(pair.Second, pair.First, StringComparison.Ordinal));

            // It said quit after its acknowledgements, and waited until the broker had closed: they count.
            using var stats = await client.StatsAsync("t");
            var its = stats.RootElement.GetProperty("subscriptions").EnumerateArray().Single(s => s.GetProperty("key").GetString() == key);
            Assert.Equal(2, its.GetProperty("acknowledged").GetInt64());
            Assert.Equal(1, its.GetProperty("waiting").GetInt64() + its.GetProperty("in_flight").GetInt64());
        }

        shell.Interruption.Request();
        Assert.Equal(ExitCode.Ok, await running);
    }

    private static async Task<string[]> RunAsync(string[] line)
    {
        var start = new ProcessStartInfo(line[0], line.AsSpan(1).ToArray()) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(RookeryProcess.Deadline);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(deadline.Token), process.StandardError.ReadToEndAsync(deadline.Token));
            await process.WaitForExitAsync(deadline.Token);
            Assert.Equal((0, ""), (process.ExitCode, await error));
            return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string Script(string name)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Rookery.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Rookery.slnx is not above the tests");
        }

        return Path.Combine(folder, "examples", name);
    }
}
