using System.Diagnostics;
using Rookery.Bench;

namespace Rookery.Cluster.Bench;

/// <summary>One table for each way in which a cluster grows.</summary>
internal sealed class ClusterGrowth(string? mongoDb, int events)
{
    private const string Head = "| | deliveries/s | calls | storage writes | bytes written |\n| ---: | ---: | ---: | ---: | ---: |";
    private static readonly TimeSpan Light = TimeSpan.FromSeconds(5);

    private string Storage => mongoDb is null ? "memory" : "MongoDB protocol";

    public async Task RunAsync(string what)
    {
        switch (what)
        {
            case "silos":
                BrokerTables.Say($"\nSilos; 12 topics, one subscription each; {Storage}; per 1,000 events of {Publisher.EventBytes} bytes\n\n{Head}");
                foreach (var silos in new[] { 1, 2, 3 })
                {
                    await RowAsync($"{silos}", silos, topics: 12, subscriptions: 1, events).ConfigureAwait(false);
                }

                break;
            case "topics":
                BrokerTables.Say($"\nTopics, one subscription each; 1 silo; {Storage}; per 1,000 events\n\n{Head}");
                foreach (var topics in new[] { 1, 10, 100, 1_000 })
                {
                    await RowAsync($"{topics:N0}", 1, topics, subscriptions: 1, events).ConfigureAwait(false);
                }

                break;
            case "subscriptions":
                BrokerTables.Say($"\nSubscriptions of one topic; 1 silo; {Storage}; per 1,000 events (each is delivered to all)\n\n{Head}");
                foreach (var subscriptions in new[] { 1, 10, 100, 1_000 })
                {
                    await RowAsync($"{subscriptions:N0}", 1, 1, subscriptions, Math.Max(1_000, events / subscriptions)).ConfigureAwait(false);
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

    private async Task RowAsync(string name, int silos, int topics, int subscriptions, int count)
    {
        await using var nodes = await Nodes.StartAsync(silos, mongoDb).ConfigureAwait(false);
        Round(nodes.Port, 'w', topics, subscriptions, Math.Max(topics, count / 5));
        using var counts = new Counts();
        counts.Reset();
        var elapsed = Round(nodes.Port, 'r', topics, subscriptions, count);
        var thousands = count / 1000.0;
        BrokerTables.Say(
            $"| {name} | {(double)count * subscriptions / elapsed.TotalSeconds:N0} | {counts.Calls / thousands:N1} | {counts.Writes / thousands:N2} | {counts.WrittenBytes / thousands:N0} |");
    }

    private static TimeSpan Round(int port, char series, int topics, int subscriptions, int count)
    {
        // Of many subscriptions each has a connection of its own; of many topics one connection subscribes to all.
        var readers = topics > 1 || subscriptions == 1
            ? [new RookeryTopicsSubscriber(port, series, topics)]
            : Enumerable.Range(0, subscriptions).Select(Subscriber (_) => new RookerySubscriber(port, RookeryTopicsSubscriber.Name(series, 0), inputBytes: 4096)).ToList();
        try
        {
            using var publisher = new RookeryPublisher(port, [.. Enumerable.Range(0, topics).Select(topic => RookeryTopicsSubscriber.Name(series, topic))]);
            publisher.Ready();
            return Load.Run(publisher, readers, count);
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
        BrokerTables.Say($"\nOne event at a time, each confirmed and acknowledged before the next; 1 silo; {Storage}; per 1,000 events\n\n{Head}");
        await using var nodes = await Nodes.StartAsync(1, mongoDb).ConfigureAwait(false);
        using var reader = new RookerySubscriber(nodes.Port, "t", inputBytes: 4096);
        using var publisher = new RookeryPublisher(nodes.Port, "t");
        publisher.Ready();
        using var counts = new Counts();
        var (begin, sent) = (Stopwatch.GetTimestamp(), 0);
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

        var thousands = sent / 1000.0;
        BrokerTables.Say(
            $"| | {sent / Light.TotalSeconds:N0} | {counts.Calls / thousands:N0} | {counts.Writes / thousands:N0} | {counts.WrittenBytes / thousands:N0} |");
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
}
