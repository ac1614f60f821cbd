using System.Globalization;

namespace Rookery.Bench;

/// <summary>Side-by-side measurements; each prints the limit of the machine beside its own figures.</summary>
internal static class Program
{
    private const string Usage = """
        usage: dotnet run -c Release --project bench -- <what> [options]

          pipeline [--seconds 10] [--store] [--soak]
                      from the sockets of an unlimited tweet server to scores (and, with --store, to committed rows);
                      beside it one pass of a JSON reader over the same bytes. --soak: five minutes, memory every 10 s.

          broker [--seconds 0.6] [--rounds 7] [--only names] [--large]
                      rookery beside redis, nats, rabbitmq and beanstalkd (those that are installed; started here on free
                      ports with folders of their own) and beside its limits: deliveries/s, latency, cost as work grows.
                      --only: servers and of rates,latency,growth, by commas. --large: 10 M events, 10,000 connections.
        """;

    private static async Task<int> Main(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "pipeline":
                await PipelineBench.RunAsync(PipelineBenchOptions.Parse(args[1..])).ConfigureAwait(false);
                return 0;
            case "broker":
                return BrokerBench.Run(BrokerBenchOptions.Parse(args[1..]));
            case NullContender.Verb:
                NullServer.Serve(int.Parse(args[1], CultureInfo.InvariantCulture), args[2]);
                return 0;
            case RelayContender.Verb:
                RelayServer.Serve(int.Parse(args[1], CultureInfo.InvariantCulture));
                return 0;
            case FeedProcess.Verb:
                await FeedProcess.ServeAsync().ConfigureAwait(false);
                return 0;
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }
}
