using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Rookery.BrokerGateway;

/// <summary>
/// What a gateway counts and traces. Names and attributes that begin with <c>messaging</c> are those of OpenTelemetry's semantic
/// conventions; topics are named in traces only, as there may be very many.
/// </summary>
internal sealed class GatewayMetrics
{
    private static readonly Meter Meter = new("Rookery.BrokerGateway");
    private static readonly ActivitySource Source = new("Rookery.BrokerGateway");
    private static readonly Counter<long> LinksCounter = Meter.CreateCounter<long>("rookery.gateway.links");
    private static readonly Counter<long> RetriesCounter = Meter.CreateCounter<long>("rookery.gateway.retries");
    private static readonly Counter<long> RefusedCounter = Meter.CreateCounter<long>("rookery.gateway.calls_refused");
    private static readonly Counter<long> LostCounter = Meter.CreateCounter<long>("rookery.gateway.subscriptions_lost");
    private static readonly Counter<long> PullsCounter = Meter.CreateCounter<long>("rookery.gateway.pulls");
    private static readonly Counter<long> UnknownCounter = Meter.CreateCounter<long>("rookery.gateway.batches_unknown");
    private static readonly Counter<long> UnavailableCounter = Meter.CreateCounter<long>("rookery.gateway.batches_unavailable");
    private static readonly Counter<long> SentCounter = Meter.CreateCounter<long>("messaging.client.sent.messages", "{message}");
    private static readonly Counter<long> ConsumedCounter = Meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("messaging.client.operation.duration", "s");
    private static readonly KeyValuePair<string, object?> System = new("messaging.system", "rookery");
    private static readonly KeyValuePair<string, object?> Exchange = new("messaging.operation.name", "exchange");
    private long _published;
    private long _delivered;
    private long _acknowledged;
    private long _unknown;

    public long Published => Interlocked.Read(ref _published);

    public long Delivered => Interlocked.Read(ref _delivered);

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public long Unknown => Interlocked.Read(ref _unknown);

    public static void Linked() => LinksCounter.Add(1);

    /// <summary>A subscription had ended behind its session's back.</summary>
    public static void SubscriptionLost() => LostCounter.Add(1);

    public static void Pulled() => PullsCounter.Add(1);

    public static void Retried() => RetriesCounter.Add(1);

    /// <summary>A topic, or its silo, had too many calls to take another one.</summary>
    public static void Refused() => RefusedCounter.Add(1);

    /// <summary>Begins the trace of an exchange with a topic; null where nobody listens.</summary>
    public static Activity? StartExchange(string topic, int batches)
    {
        var activity = Source.StartActivity("exchange", ActivityKind.Producer);
        if (activity is { IsAllDataRequested: true })
        {
            activity.DisplayName = $"exchange {topic}";
            activity.SetTag(System.Key, System.Value).SetTag(Exchange.Key, Exchange.Value).SetTag("messaging.operation.type", "send")
                .SetTag("messaging.destination.name", topic).SetTag("messaging.batch.message_count", batches);
        }

        return activity;
    }

    /// <summary>An exchange took so long.</summary>
    public static void Exchanged(TimeSpan elapsed) => Duration.Record(elapsed.TotalSeconds, System, Exchange);

    public void Deliver(int events)
    {
        Interlocked.Add(ref _delivered, events);
        ConsumedCounter.Add(events, System);
    }

    public void Settled(long published, long acknowledged)
    {
        Interlocked.Add(ref _published, published);
        Interlocked.Add(ref _acknowledged, acknowledged);
        SentCounter.Add(published, System);
    }

    public void Failed(bool unknown)
    {
        (unknown ? UnknownCounter : UnavailableCounter).Add(1);
        Interlocked.Add(ref _unknown, unknown ? 1 : 0);
    }
}
