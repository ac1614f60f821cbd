using Rookery.Broker;

namespace Rookery.Hosting;

/// <summary>The limits that silos and gateways read alike, so that what a gateway tells its clients is what the topics hold them to.</summary>
public static class ClusterLimits
{
    /// <summary>Reads them.</summary>
    /// <exception cref="FormatException">One is out of its bounds.</exception>
    public static BrokerLimits Read(Settings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var limits = new BrokerLimits();
        return limits with
        {
            MaxMessageBytes = settings.Number("max-message-bytes", limits.MaxMessageBytes, 1, 8 << 20),
            MaxTopics = settings.Number("max-topics", limits.MaxTopics, 1, 1_000_000),
            MaxSubscriptionsPerTopic = settings.Number("max-subscriptions", limits.MaxSubscriptionsPerTopic, 1, ushort.MaxValue),
            Retention = limits.Retention with
            {
                KeepEvents = settings.Number("keep-events", (int)limits.Retention.KeepEvents, 0, int.MaxValue),
            },
        };
    }
}
