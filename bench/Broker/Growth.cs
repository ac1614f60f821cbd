using System.Diagnostics;

namespace Rookery.Bench;

/// <summary>What Rookery costs as its work grows: backlog, topics, connections.</summary>
internal static class Growth
{
    private const long Deliveries = 1_000_000;

    public static void Run(RookeryServer server, bool large)
    {
        Backlog.Run(server, large ? [10_000, 1_000_000, 10_000_000] : [10_000, 1_000_000]);

        BrokerTables.Say($"\nTopics, one publisher to all of them in turn, one connection subscribed to all\n");
        BrokerTables.Say($"| topics | deliveries/s |\n| ---: | ---: |");
        using (server.Start())
        {
            Load.WarmUp(server, "warm", 1);
            foreach (var (topics, names) in new[] { (1, "abcd"), (10, "efgh"), (100, "ijkl") })
            {
                // The first round is there to find out what so many topics need, and no row stands for it.
                var rates = names.Select(series => Topics(server, series, topics, Deliveries / 2)).ToArray();
                BrokerTables.Say($"| {topics} | {BrokerResult.Median(rates[1..]):N0} |");
            }
        }

        BrokerTables.Say($"\nConnections, all subscribed to the same topic\n");
        BrokerTables.Say($"| connections | deliveries/s | memory of the process |\n| ---: | ---: | ---: |");
        foreach (var connections in large ? new[] { 10, 1_000, 10_000 } : [10, 1_000])
        {
            Connections(server, connections);
        }
    }

    private static double Topics(RookeryServer server, char series, int topics, long events)
    {
        using var subscriber = new RookeryTopicsSubscriber(server.Port, series, topics);
        using var publisher = new RookeryPublisher(server.Port, [.. Enumerable.Range(0, topics).Select(topic => RookeryTopicsSubscriber.Name(series, topic))]);
        publisher.Ready();
        return events / Load.Run(publisher, [subscriber], events).TotalSeconds;
    }

    private static void Connections(RookeryServer server, int connections)
    {
        using var running = server.Start();
        Load.WarmUp(server, "warm", 1);
        var subscribers = Enumerable.Range(0, connections).Select(_ => new RookerySubscriber(server.Port, "t", inputBytes: 4096)).ToArray();
        using var publisher = new RookeryPublisher(server.Port, "t");
        publisher.Ready();
        var events = Math.Max(100, Deliveries / connections);
        var begin = Stopwatch.GetTimestamp();
        var taking = Task.WhenAll(subscribers.Select(subscriber => TakeAsync(subscriber, events)));
        Load.Publish(publisher, events);
        if (!taking.Wait(Load.Deadline))
        {
            throw new TimeoutException($"{connections:N0} connections did not get their {events:N0} events");
        }

        var elapsed = Stopwatch.GetElapsedTime(begin);
        BrokerTables.Say($"| {connections:N0} | {events * connections / elapsed.TotalSeconds:N0} | {running.Memory >> 20:N0} MiB |");
        foreach (var subscriber in subscribers)
        {
            subscriber.Dispose();
        }
    }

    private static async Task TakeAsync(RookerySubscriber subscriber, long events)
    {
        for (var left = events; left > 0;)
        {
            left -= await subscriber.ReceiveAsync().ConfigureAwait(false);
        }

        subscriber.Finish();
    }
}
