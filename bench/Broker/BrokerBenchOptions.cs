using System.Globalization;

namespace Rookery.Bench;

/// <summary>What <c>broker</c> was asked for.</summary>
internal sealed record BrokerBenchOptions
{
    /// <summary>About how long a round takes.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(0.6);

    /// <summary>Rounds, of which the median counts.</summary>
    public int Rounds { get; init; } = 7;

    /// <summary>What to measure: names of servers, and <c>rates</c>, <c>latency</c>, <c>growth</c>; null: everything.</summary>
    public IReadOnlyList<string>? Only { get; init; }

    /// <summary>Also a backlog of ten million, and ten thousand connections.</summary>
    public bool Large { get; init; }

    public static BrokerBenchOptions Parse(string[] args)
    {
        var options = new BrokerBenchOptions { Large = args.Contains("--large") };
        for (var i = 0; i < args.Length - 1; i++)
        {
            options = args[i] switch
            {
                "--seconds" => options with { Duration = TimeSpan.FromSeconds(double.Parse(args[i + 1], CultureInfo.InvariantCulture)) },
                "--rounds" => options with { Rounds = int.Parse(args[i + 1], CultureInfo.InvariantCulture) },
                "--only" => options with { Only = args[i + 1].Split(',') },
                _ => options,
            };
        }

        return options;
    }

    /// <summary>Whether a kind of measurement is wanted; all are where none is named.</summary>
    public bool Wants(string kind) => Only is null || Only.Contains(kind) || !Only.Any(name => name is "rates" or "latency" or "growth");

    /// <summary>Whether a server is wanted; all are where none is named.</summary>
    public bool Wants(Contender server) => Only is null || Only.Contains(server.Name) || Only.All(name => name is "rates" or "latency" or "growth");
}
