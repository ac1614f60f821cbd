using Rookery.Command.Tests;

namespace Rookery.Crash.Tests;

/// <summary>
/// What a kill cannot show, as the page cache outlives it: that a confirm waits for the device. The system calls of a real
/// run say in which order things were written, synced and sent.
/// </summary>
public sealed class DurabilityTraceTests : IDisposable
{
    private const int Events = 300;

    private readonly string _data = Directory.CreateTempSubdirectory("rookery-trace-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [TracedFact]
    public async Task No_confirm_leaves_before_the_sync_that_covers_it()
    {
        var calls = await TraceAsync("fsync");
        Assert.Equal(Events, calls.Confirmed);
        Assert.Empty(calls.ConfirmedUnsynced);
        Assert.InRange(calls.Syncs, 1, Events + 100);
    }

    /// <summary>Shows that the trace would tell.</summary>
    [TracedFact]
    public async Task Where_only_the_memory_is_promised_the_same_trace_finds_confirms_without_a_sync()
    {
        var calls = await TraceAsync("memory");
        Assert.Equal(Events, calls.Confirmed);
        Assert.Equal(Events, calls.ConfirmedUnsynced.Count);
    }

    private async Task<SystemCalls> TraceAsync(string durability)
    {
        var trace = Path.Combine(_data, "trace");
        string[] strace =
        [
            "strace", "-D", "-f", "--seccomp-bpf", "-y", "-s", "1000000", "-o", trace,
            "-e", "trace=fsync,fdatasync,write,pwrite64,pwritev,pwritev2,sendto,sendmsg",
        ];
        string[] run = ["run", "--no-tweets", "--data", Path.Combine(_data, "data"), "--broker-port", "0", "--durability", durability];
        await using (var traced = RookeryProcess.StartUnder(strace, run))
        {
            await PublishAsync(await traced.PortAsync("broker on "));
            await traced.SignalAsync("TERM");
            await traced.SucceedAsync();
        }

        // The tracer may be a moment behind the end of what it traces.
        using var deadline = new CancellationTokenSource(RookeryProcess.Deadline);
        while (!File.ReadLines(trace).Last().Contains("+++ exited with 0 +++", StringComparison.Ordinal))
        {
            Assert.False(deadline.IsCancellationRequested, "the trace never ended");
            await Task.Delay(10, CancellationToken.None);
        }

        return SystemCalls.Read(trace);
    }

    /// <summary>One by one, so that each has a sync of its own, then in bursts over two topics that share them.</summary>
    private static async Task PublishAsync(int port)
    {
        using var client = (await RawClient.ConnectAsync(port, "{\"confirm\":true}"))!;
        var sent = 0;
        while (sent < Events)
        {
            var burst = sent < 50 ? 1 : 50;
            await client.SendAsync(string.Concat(Enumerable.Range(sent + 1, burst).Select(n => $"pub t{n % 2} {{\"id\":\"event-{n}\",\"msg\":1}}\n")));
            for (var end = sent + burst; sent < end; sent++)
            {
                Assert.EndsWith($" event-{sent + 1}", await client.ReadAsync(), StringComparison.Ordinal);
            }
        }
    }
}
