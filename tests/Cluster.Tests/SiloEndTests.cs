using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Grains;

namespace Rookery.Cluster.Tests;

/// <summary>A silo is told to end, and its grains have so much time and no more.</summary>
public sealed class SiloEndTests
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_silo_that_ends_while_the_store_hangs_logs_no_mistake_and_what_is_unfinished_is_done_elsewhere()
    {
        var logged = new Logged(LogLevel.Error);
        await using var cluster = await PipelineCluster.StartAsync(silos: 2, more: silo =>
        {
            silo.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = DrainTime);
            silo.Services.AddLogging(logs => logs.AddProvider(logged));
        });
        Add(cluster, 1, 200);
        await cluster.UntilExactAsync(200);

        var asked = 0;
        cluster.Store.Before = (_, _) =>
        {
            Interlocked.Increment(ref asked);
            return Task.Delay(Timeout.Infinite, CancellationToken.None);
        };
        Add(cluster, 201, 200);
        await cluster.UntilAsync(() => Volatile.Read(ref asked) >= 4, "the store is not asked");

        // As the host of the program does by itself.
        using var host = new CancellationTokenSource(DrainTime);
        await cluster.SiloOf(1)!.SiloHost.StopAsync(host.Token).WaitAsync(Recorder.Deadline);

        // The runtime warns, without an exception, where another silo did not answer in time.
        Assert.DoesNotContain(logged.Lines, static line => line.Contains("OnDeactivateAsync", StringComparison.Ordinal));
        cluster.Store.Before = null;
        await cluster.UntilExactAsync(400);
    }

    [Fact]
    public void Grains_get_what_they_need_as_long_as_there_is_so_much_and_then_what_is_left()
    {
        var time = new ManualTimeProvider();
        var life = new Life();
        var end = new SiloEnd(life, Options.Create(new HostOptions { ShutdownTimeout = TimeSpan.FromSeconds(20) }), time);
        var three = TimeSpan.FromSeconds(3);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((three, null, false), (end.Within(three), end.Left, end.IsTimeForGrains(three)));
        life.Stop();
        Assert.Equal((three, TimeSpan.FromSeconds(20), false), (end.Within(three), end.Left, end.IsTimeForGrains(three)));
        time.Advance(TimeSpan.FromSeconds(16.5));
        Assert.Equal((three, true), (end.Within(three), end.IsTimeForGrains(three)));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(1), end.Within(three));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.Zero, end.Within(three));
    }

    [Fact]
    public void Of_a_short_time_half_is_kept_for_grains()
    {
        var (time, life) = (new ManualTimeProvider(), new Life());
        var end = new SiloEnd(life, Options.Create(new HostOptions { ShutdownTimeout = TimeSpan.FromSeconds(2) }), time);
        life.Stop();
        time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.False(end.IsTimeForGrains(TimeSpan.FromSeconds(3)));
        time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(end.IsTimeForGrains(TimeSpan.FromSeconds(3)));
    }

    private static void Add(PipelineCluster cluster, int from, int count)
    {
        for (var id = from; id < from + count; id++)
        {
            cluster.Streams.Add(1 + (id % 2), new TestTweet(id, 1 + (id % 20), id % 50).Event);
        }
    }

    private sealed class Life : IHostApplicationLifetime
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void Stop() => _stopping.Cancel();

        public void StopApplication() => Stop();
    }
}
