using System.Diagnostics.Metrics;

namespace Rookery.BrokerGateway;

/// <summary>What a gateway counts.</summary>
internal sealed class GatewayMetrics
{
    private static readonly Meter Meter = new("Rookery.BrokerGateway");
    private static readonly Counter<long> LinksCounter = Meter.CreateCounter<long>("rookery.gateway.links");
    private static readonly Counter<long> RetriesCounter = Meter.CreateCounter<long>("rookery.gateway.retries");
    private static readonly Counter<long> UnknownCounter = Meter.CreateCounter<long>("rookery.gateway.batches_unknown");
    private static readonly Counter<long> UnavailableCounter = Meter.CreateCounter<long>("rookery.gateway.batches_unavailable");
    private long _published;
    private long _delivered;
    private long _acknowledged;
    private long _unknown;

    public long Published => Interlocked.Read(ref _published);

    public long Delivered => Interlocked.Read(ref _delivered);

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public long Unknown => Interlocked.Read(ref _unknown);

    public static void Linked() => LinksCounter.Add(1);

    public static void Retried() => RetriesCounter.Add(1);

    public void Deliver(int events) => Interlocked.Add(ref _delivered, events);

    public void Settled(long published, long acknowledged)
    {
        Interlocked.Add(ref _published, published);
        Interlocked.Add(ref _acknowledged, acknowledged);
    }

    public void Failed(bool unknown)
    {
        (unknown ? UnknownCounter : UnavailableCounter).Add(1);
        Interlocked.Add(ref _unknown, unknown ? 1 : 0);
    }
}
