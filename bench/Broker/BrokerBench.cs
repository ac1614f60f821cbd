using System.Diagnostics;

namespace Rookery.Bench;

/// <summary>The broker beside its peers and its limits: every server in turn, on the same machine, in one run.</summary>
internal static class BrokerBench
{
    private static readonly TimeSpan LatencyRun = TimeSpan.FromSeconds(3);
    private const int LatencyRounds = 3;

    private static readonly Contender[] Servers =
    [
        new RookeryServer("fsync"), new RookeryServer("interval"), new RookeryServer("memory"),
        new RedisServer(), new NatsServer(), new RabbitServer(), new BeanstalkServer(),
        new NullContender(), new RelayContender(),
    ];

    public static int Run(BrokerBenchOptions options)
    {
        ChildProcesses.EndWithThisProcess();
        var begin = Stopwatch.GetTimestamp();
        Machine.Print();
        var present = Present(options);
        var devices = new[] { 256, 64 << 10, 512 << 10 }.Select(bytes => Device.Measure(bytes, TimeSpan.FromSeconds(1))).ToArray();
        var results = present.Where(_ => options.Wants("rates") || options.Wants("latency")).Select(server => Measure(server, options)).ToList();
        BrokerTables.Rates(results, options.Rounds);
        BrokerTables.Latencies(results, devices, LatencyRounds);
        var grown = !options.Wants("growth") || present.OfType<RookeryServer>().FirstOrDefault() is not { } rookery || Grow(rookery, options.Large);
        Machine.PrintEnd(Stopwatch.GetElapsedTime(begin));
        return grown && results.All(result => result.Fault is null) ? 0 : 1;
    }

    private static bool Grow(RookeryServer rookery, bool large)
    {
        try
        {
            Growth.Run(rookery, large);
            return true;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            Console.Error.WriteLine($"growth failed: {(fault.InnerException ?? fault).Message}");
            return false;
        }
    }

    private static List<Contender> Present(BrokerBenchOptions options)
    {
        var wanted = Servers.Where(options.Wants).ToList();
        var missing = wanted.Where(server => server.Find() is null).ToList();
        foreach (var server in missing)
        {
            Console.WriteLine($"not installed, left out: {server.Name}");
        }

        if (missing.Select(server => server.Package).OfType<string>().ToList() is { Count: > 0 } packages)
        {
            Console.WriteLine($"  apt-get install --no-install-recommends {string.Join(' ', packages)}");
        }

        var present = wanted.Except(missing).ToList();
        Console.WriteLine(string.Join(", ", present.Select(server => server.Version()).Where(version => version.Length > 0).Distinct()));
        return present;
    }

    private static BrokerResult Measure(Contender server, BrokerBenchOptions options)
    {
        var result = new BrokerResult(server);
        Console.Error.Write($"{server.Name} ...");
        Running? running = null;
        try
        {
            running = server.Start();
            if (options.Wants("rates"))
            {
                result.OneToOne.AddRange(Rounds(server, running, "one", 1, options));
                if (server.FansOut)
                {
                    result.OneToFour.AddRange(Rounds(server, running, "four", 4, options));
                }
            }

            if (options.Wants("latency") && server.HasLatency)
            {
                for (var round = 0; round < LatencyRounds; round++)
                {
                    result.Latencies.Add(Latency.Measure(server, $"latency{round}", LatencyRun));
                }
            }
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // One server that fails does not take the figures of the others with it; the run as a whole fails.
            result.Fault = $"{(fault.InnerException ?? fault).Message}; it said: {running?.LastWords}";
        }
        finally
        {
            running?.Dispose();
        }

        Console.Error.WriteLine(result.Fault is null ? " done" : $" failed: {result.Fault}");
        return result;
    }

    private static IEnumerable<LoadRound> Rounds(Contender server, Running running, string topic, int subscribers, BrokerBenchOptions options)
    {
        var rate = Load.WarmUp(server, $"{topic}-warm", subscribers) / subscribers;
        var events = Math.Max(5_000, (long)(rate * options.Duration.TotalSeconds));
        for (var round = 0; round < options.Rounds; round++)
        {
            var before = running.ProcessorTime;
            rate = Load.Run(server, $"{topic}-{round}", subscribers, events);
            yield return new LoadRound(rate, (running.ProcessorTime - before).TotalMicroseconds / (events * subscribers));
        }
    }
}
