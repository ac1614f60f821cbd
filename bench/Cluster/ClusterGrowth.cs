using System.Diagnostics;
using Rookery.Bench;

namespace Rookery.Cluster.Bench;

/// <summary>One table for each way in which a cluster grows.</summary>
internal sealed class ClusterGrowth(string? mongoDb, int events)
{
    private const string Head = """
        | | deliveries/s | µs of processor | calls | storage writes | bytes written | bytes allocated | heap after | ready after |
        | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        """;

    private const string Columns =
        "deliveries/s, and of the processor what one event takes, with clients; calls, writes and bytes per 1,000 events; "
        + "the heap of the process, and the time in which all subscriptions of the first round were there";

    private static readonly TimeSpan Light = TimeSpan.FromSeconds(5);

    private string Storage => mongoDb is null ? "memory" : "MongoDB protocol";

    public async Task RunAsync(string what)
    {
        switch (what)
        {
            case "silos":
                Begin("Silos; 12 topics, one subscription each");
                foreach (var silos in new[] { 1, 2, 3 })
                {
                    await RowAsync($"{silos}", silos, topics: 12, subscriptions: 1, events).ConfigureAwait(false);
                }

                break;
            case "topics":
                Begin("Topics, one subscription each; 1 silo");
                foreach (var topics in new[] { 1, 10, 100, 1_000 })
                {
                    // An event of many topics shares nothing with the others: fewer of them say as much.
                    await RowAsync($"{topics:N0}", 1, topics, subscriptions: 1, topics < 100 ? events : Math.Max(10_000, events / 5)).ConfigureAwait(false);
                }

                break;
            case "subscriptions":
                Begin("Subscriptions of one topic, each of which is delivered every event; 1 silo");
                foreach (var subscriptions in new[] { 1, 10, 100, 1_000 })
                {
                    await RowAsync($"{subscriptions:N0}", 1, 1, subscriptions, Math.Max(1_000, events / subscriptions)).ConfigureAwait(false);
                }

                break;
            case "rate":
                Begin("One topic, one gateway, one silo, as fast as it goes; by subscribers (0: what is published)");
                foreach (var subscribers in new[] { 0, 1, 10 })
                {
                    await RowAsync($"{subscribers}", 1, 1, subscribers, subscribers > 1 ? events : events * 10).ConfigureAwait(false);
                }

                break;
            case "light":
                await LightAsync().ConfigureAwait(false);
                break;
            case "memory":
                await MemoryAsync().ConfigureAwait(false);
                break;
            default:
                throw new ArgumentException($"there is no table {what}", nameof(what));
        }
    }

    private void Begin(string what) =>
        BrokerTables.Say($"\n{what}; events of {Publisher.EventBytes} bytes; {Storage}\n({Columns})\n\n{Head}");

    private async Task RowAsync(string name, int silos, int topics, int subscriptions, int count)
    {
        await using var nodes = await Nodes.StartAsync(silos, mongoDb).ConfigureAwait(false);
        var (ready, _) = Round(nodes.Port, 'w', topics, subscriptions, Math.Max(topics, count / 5));
        using var counts = new Counts();
        var usage = Usage.Now;
        var (_, elapsed) = Round(nodes.Port, 'r', topics, subscriptions, count, () =>
        {
            counts.Reset();
            usage = Usage.Now;
        });
        var spent = Usage.Now - usage;
        Say(name, (double)count * Math.Max(1, subscriptions) / elapsed.TotalSeconds, count, counts, spent, $"{ready.TotalSeconds:N2} s");
    }

    private static void Say(string name, double rate, long count, Counts counts, Usage spent, string ready)
    {
        var thousands = count / 1000.0;
        var (processor, heap) = (spent.Processor.TotalMicroseconds / count, GC.GetTotalMemory(forceFullCollection: true) >> 20);
        BrokerTables.Say($"| {name} | {rate:N0} | {processor:N1} | {counts.Calls / thousands:N1} | {counts.Writes / thousands:N2} | {counts.WrittenBytes / thousands:N0} | {spent.Allocated / thousands:N0} | {heap} MiB | {ready} |");
    }

    private static (TimeSpan Ready, TimeSpan Elapsed) Round(int port, char series, int topics, int subscriptions, int count, Action? begins = null)
    {
        // Of many subscriptions each has a connection of its own; of many topics one connection subscribes to all.
        var begin = Stopwatch.GetTimestamp();
        var readers = topics > 1
            ? [new RookeryTopicsSubscriber(port, series, topics)]
            : Enumerable.Range(0, subscriptions).Select(Subscriber (_) => new RookerySubscriber(port, RookeryTopicsSubscriber.Name(series, 0), inputBytes: 4096)).ToList();
        var ready = Stopwatch.GetElapsedTime(begin);
        try
        {
            using var publisher = new RookeryPublisher(port, [.. Enumerable.Range(0, topics).Select(topic => RookeryTopicsSubscriber.Name(series, topic))]);
            publisher.Ready();
            begins?.Invoke();
            return (ready, Load.Run(publisher, readers, count));
        }
        finally
        {
            foreach (var reader in readers)
            {
                reader.Dispose();
            }
        }
    }

    /// <summary>A light load cannot share writes: this is what an event costs at most.</summary>
    private async Task LightAsync()
    {
        Begin("One event at a time, each delivered and confirmed before the next; 1 silo");
        await using var nodes = await Nodes.StartAsync(1, mongoDb).ConfigureAwait(false);
        using var reader = new RookerySubscriber(nodes.Port, "t", inputBytes: 4096);
        using var publisher = new RookeryPublisher(nodes.Port, "t");
        publisher.Ready();
        using var counts = new Counts();
        var (begin, sent, usage) = (Stopwatch.GetTimestamp(), 0, Usage.Now);
        for (; Stopwatch.GetElapsedTime(begin) < Light; sent++)
        {
            publisher.Send(1);
            for (var left = 1; left > 0; left -= publisher.Receive())
            {
            }

            for (var left = 1; left > 0; left -= reader.Receive())
            {
            }
        }

        Say("", sent / Light.TotalSeconds, sent, counts, Usage.Now - usage, "");
    }

    private async Task MemoryAsync()
    {
        BrokerTables.Say($"\nEvents that wait for a silent subscriber; 1 silo; {Storage}{(mongoDb is null ? ", which is in the same process" : "")}\n\n| events waiting | heap of the process, per event |\n| ---: | ---: |");
        await using var nodes = await Nodes.StartAsync(1, mongoDb).ConfigureAwait(false);
        new RookerySubscriber(nodes.Port, "t", "silent").Dispose();
        using var publisher = new RookeryPublisher(nodes.Port, "t");
        publisher.Ready();
        Load.Publish(publisher, events / 5);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Load.Publish(publisher, events);
        BrokerTables.Say($"| {events:N0} | {(double)(GC.GetTotalMemory(forceFullCollection: true) - before) / events:N0} B |");
    }

    /// <summary>What this process has used so far.</summary>
    private readonly record struct Usage(TimeSpan Processor, long Allocated)
    {
        public static Usage Now => new(Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());

        public static Usage operator -(Usage one, Usage other) => new(one.Processor - other.Processor, one.Allocated - other.Allocated);
    }
}
