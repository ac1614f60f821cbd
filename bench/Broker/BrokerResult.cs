namespace Rookery.Bench;

/// <summary>What was measured of one server.</summary>
internal sealed record BrokerResult(Contender Server)
{
    /// <summary>The rounds with one subscriber.</summary>
    public List<LoadRound> OneToOne { get; } = [];

    /// <summary>The rounds with four subscribers.</summary>
    public List<LoadRound> OneToFour { get; } = [];

    public List<Latency> Latencies { get; } = [];

    /// <summary>Why there are not all figures; null: there are.</summary>
    public string? Fault { get; set; }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }
}

/// <summary>One round.</summary>
/// <param name="Rate">Deliveries per second.</param>
/// <param name="Processor">Processor time of the server, in µs per delivery.</param>
internal readonly record struct LoadRound(double Rate, double Processor);
