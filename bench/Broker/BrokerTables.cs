using System.Globalization;

namespace Rookery.Bench;

/// <summary>The results as tables that can stand in a document.</summary>
internal static class BrokerTables
{
    public static void Rates(List<BrokerResult> results, int rounds)
    {
        Table($"1 publisher, 1 subscriber: deliveries/s, median of {rounds} (lowest .. highest)", results, result => result.OneToOne);
        Table($"1 publisher, 4 subscribers: deliveries/s, median of {rounds} (lowest .. highest)", results, result => result.OneToFour);
    }

    public static void Latencies(List<BrokerResult> results, Device[] devices, int rounds)
    {
        if (results.Any(result => result.Latencies.Count > 0))
        {
            Say($"\nLatency at {Latency.Rate:N0} events/s, publish to delivery, µs, medians of {rounds}\n");
            Say($"| server | a confirm means | p50 | p99 | p99.9 |\n| --- | --- | ---: | ---: | ---: |");
            foreach (var result in results.Where(result => result.Latencies.Count > 0))
            {
                var (p50, p99, p999) = (Median(result, one => one.P50), Median(result, one => one.P99), Median(result, one => one.P999));
                Say($"| {result.Server.Name} | {result.Server.Durability} | {p50:N0} | {p99:N0} | {p999:N0} |");
            }
        }

        Say($"\nThe device alone: write and fdatasync\n\n| bytes | p50 µs | p99 µs | MB/s |\n| ---: | ---: | ---: | ---: |");
        foreach (var device in devices)
        {
            Say($"| {device.Bytes:N0} | {device.P50:N0} | {device.P99:N0} | {device.MegabytesPerSecond:N1} |");
        }
    }

    public static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static void Table(string title, List<BrokerResult> results, Func<BrokerResult, List<LoadRound>> rounds)
    {
        var measured = results.Where(result => rounds(result).Count > 0).ToList();
        if (measured.Count == 0)
        {
            return;
        }

        var mine = measured.FirstOrDefault(result => result.Server.Name == "rookery") is { } own ? Rate(own) : double.NaN;
        Say($"\n{title}\n");
        Say($"| server | a confirm means | deliveries/s | lowest .. highest | server µs/delivery | rookery is |\n| --- | --- | ---: | ---: | ---: | ---: |");
        foreach (var result in measured)
        {
            var values = rounds(result);
            var (median, processor) = (Rate(result), BrokerResult.Median(values.Select(round => round.Processor)));
            var ratio = result.Server is RookeryServer || double.IsNaN(mine) ? "" : result.Server.IsLimit ? Text($"{mine / median:P0} of it") : Text($"{mine / median:N1} ×");
            Say($"| {result.Server.Name} | {result.Server.Durability} | {median:N0} | {values.Min(round => round.Rate):N0} .. {values.Max(round => round.Rate):N0} | {processor:N2} | {ratio} |");
        }

        var best = measured.Where(result => result.Server is not RookeryServer && !result.Server.IsLimit).MaxBy(Rate);
        if (best is not null && !double.IsNaN(mine))
        {
            Say($"\nrookery at fsync is {mine / Rate(best):N2} × the best peer ({best.Server.Name})");
        }

        double Rate(BrokerResult result) => BrokerResult.Median(rounds(result).Select(round => round.Rate));
    }

    private static double Median(BrokerResult result, Func<Latency, double> figure) => BrokerResult.Median(result.Latencies.Select(figure));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
