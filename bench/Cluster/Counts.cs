using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Rookery.Cluster.Bench;

/// <summary>What silos and gateways of this process counted, by the names of their metrics.</summary>
internal sealed class Counts : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _counted = new();

    public Counts()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Rookery.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _counted.AddOrUpdate(instrument.Name, value, (_, so) => so + value));
        _listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => _counted.AddOrUpdate(instrument.Name, 1, (_, so) => so + 1));
        _listener.Start();
    }

    /// <summary>Storage writes: records, heads, tombstones, deletions.</summary>
    public long Writes => Of("rookery.log.writes");

    public long WrittenBytes => Of("rookery.log.written_bytes");

    /// <summary>Calls from gateways to topics.</summary>
    public long Calls => Of("messaging.client.operation.duration") + Of("rookery.gateway.pulls");

    /// <summary>Tweets that were read, those inside others among them.</summary>
    public long Tweets => Of("rookery.tweets.read");

    /// <summary>Rows of tweets written.</summary>
    public long Stored => Of("rookery.tweets.stored");

    /// <summary>Workers that kill messages crashed.</summary>
    public long Crashes => Of("rookery.workers.crashes");

    public void Reset() => _counted.Clear();

    public void Dispose() => _listener.Dispose();

    private long Of(string name) => _counted.GetValueOrDefault(name);
}
