using System.Diagnostics.Metrics;

namespace Rookery.Local;

/// <summary>
/// The broker's figures under the names of OpenTelemetry's semantic conventions for messaging, as a gateway of the cluster has
/// them. They are looked up when somebody asks.
/// </summary>
internal sealed class BrokerMeters : IDisposable
{
    private static readonly Histogram<double> Duration = JournalMetrics.Meter.CreateHistogram<double>(
        "messaging.client.operation.duration", "s", "Time from a batch of commands to a topic until it was executed and durable");

    private static readonly KeyValuePair<string, object?> System = new("messaging.system", TweetTraces.System);
    private static readonly KeyValuePair<string, object?> Exchange = new("messaging.operation.name", "exchange");

    private readonly Meter _meter = new(JournalMetrics.Meter.Name);

    public BrokerMeters(JournalKeeper keeper)
    {
        Counter("messaging.client.sent.messages", "Events stored", totals => totals.Published);
        Counter("messaging.client.consumed.messages", "Deliveries made", totals => totals.Delivered);
        Counter("rookery.broker.acknowledged", "Deliveries settled", totals => totals.Acknowledged);
        _meter.CreateObservableGauge("rookery.broker.topics", () => keeper.Topics.Count, "{topic}", "Topics there are");

        void Counter(string name, string help, Func<BrokerTotals, long> figure) =>
            _meter.CreateObservableCounter(name, () => new Measurement<long>(figure(keeper.Totals), System), "{message}", help);
    }

    /// <summary>Whether anybody wants to know how long batches take.</summary>
    public static bool AreTimesWanted => Duration.Enabled;

    /// <summary>A batch took so long.</summary>
    public static void Took(TimeSpan elapsed) => Duration.Record(elapsed.TotalSeconds, System, Exchange);

    public void Dispose() => _meter.Dispose();
}
