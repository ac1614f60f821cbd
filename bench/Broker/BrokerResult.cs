namespace Rookery.Bench;

/// <summary>What was measured of one server.</summary>
internal sealed record BrokerResult(Contender Server)
{
    /// <summary>Deliveries per second with one subscriber, by round.</summary>
    public List<double> OneToOne { get; } = [];

    /// <summary>Deliveries per second with four subscribers, by round.</summary>
    public List<double> OneToFour { get; } = [];

    public List<Latency> Latencies { get; } = [];

    /// <summary>Why there are not all figures; null: there are.</summary>
    public string? Fault { get; set; }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }
}
