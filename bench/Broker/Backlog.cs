using System.Diagnostics;

namespace Rookery.Bench;

/// <summary>
/// What Rookery costs as events wait for a subscriber that takes none: publishing, memory, coming back, draining. Beside its rate
/// of publishing stands that of the null server, which wrote as much before and knows nothing of it: what slows both is the machine.
/// </summary>
internal static class Backlog
{
    private const int Samples = 7;
    private const int SampleEvents = 200_000;

    // A backlog that the samples themselves would multiply is built anew for each, in a topic of its own.
    private const long Lasting = 5L * Samples * SampleEvents;

    public static void Run(RookeryServer server, IReadOnlyCollection<long> sizes)
    {
        BrokerTables.Say($"\nBacklog of one silent subscriber\n");
        BrokerTables.Say($"| events waiting | memory of the process | on, per event | kill -9, ready again | then deliveries/s |\n| ---: | ---: | ---: | ---: | ---: |");
        var publishing = sizes.Select(events => (events, Run(server, events), AtLimit(events))).ToList();

        BrokerTables.Say($"\nPublishing there: median of {Samples} times {SampleEvents:N0} events, once the disk has what was published before, into memory that the machine has\n");
        BrokerTables.Say($"| events waiting | publishes/s | lowest .. highest | server µs/publish | of it in user mode | null server, as much written before | rookery is |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (events, rookery, limit) in publishing)
        {
            BrokerTables.Say($"| {events:N0} | {rookery.Rate:N0} | {rookery.Lowest:N0} .. {rookery.Highest:N0} | {rookery.Processor:N2} | {rookery.User:N2} | {limit.Rate:N0} | {rookery.Rate / limit.Rate:P0} of it |");
        }
    }

    private static Publishing Run(RookeryServer server, long events)
    {
        using var running = server.Start();
        Load.WarmUp(server, "warm", 1);
        var empty = running.Memory;
        Fill(server, "t", events);
        var memory = running.Memory;
        running.Kill();

        var restart = Stopwatch.GetTimestamp();
        using var again = server.StartIn(running.Folder);
        var ready = Stopwatch.GetElapsedTime(restart);
        Load.WarmUp(server, "again", 1);
        var publishing = Publishing.Measure(server, again, Samples, SampleEvents, sample => events < Lasting ? Fill(server, $"t{sample}", events) : "t");
        using var subscriber = new RookerySubscriber(server.Port, "t", "silent");
        var drain = Stopwatch.GetTimestamp();
        Load.Take(subscriber, events);
        var drained = events / Stopwatch.GetElapsedTime(drain).TotalSeconds;
        BrokerTables.Say($"| {events:N0} | {memory >> 20:N0} MiB | {(double)(memory - empty) / events:N0} B | {ready.TotalSeconds:N2} s | {drained:N0} |");
        return publishing;
    }

    private static Publishing AtLimit(long events)
    {
        var server = new NullContender();
        using var running = server.Start();
        Load.WarmUp(server, "warm", 1);
        using (var publisher = server.Publisher("t"))
        {
            publisher.Ready();
            Load.Publish(publisher, events);
        }

        return Publishing.Measure(server, running, Samples, SampleEvents, _ => "t");
    }

    private static string Fill(RookeryServer server, string topic, long events)
    {
        new RookerySubscriber(server.Port, topic, "silent").Dispose();
        using var publisher = server.Publisher(topic);
        publisher.Ready();
        Load.Publish(publisher, events);
        return topic;
    }
}
