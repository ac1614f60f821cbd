using System.Diagnostics.Metrics;
using Rookery.Local;

namespace Rookery.Command;

/// <summary>
/// Figures of the pipeline as meters. They are looked up when somebody asks, once for all that are asked for together: each look
/// goes through the whole pipeline.
/// </summary>
internal sealed class RunMeters : IDisposable
{
    public const string Name = "Rookery.Pipeline";

    // A collection asks for one after the other, within much less; whoever collects comes again after much more.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(100);

    private readonly Meter _meter = new(Name);
    private readonly Lock _gate = new();
    private readonly Func<PipelineStatus> _take;
    private readonly TimeProvider _time;
    private PipelineStatus? _status;
    private long _taken;

    public RunMeters(Func<PipelineStatus> take, TimeProvider time)
    {
        (_take, _time) = (take, time);
        Counter("tweets", "Tweets read", s => s.In);
        Counter("records", "Tweets read, and those inside them", s => s.Records);
        Counter("scored", "Records scored", s => s.Scored);
        Counter("incomplete", "Records that lack a score", s => s.Incomplete);
        Counter("rejected", "Events that gave no tweet", s => s.Rejected.Values.Sum());
        Counter("crashes", "Workers that crashed", s => s.Crashes);
        Counter("reconnects", "Times a stream had to connect again", s => s.Reconnects);
        Counter("stored", "Rows committed to the store", s => s.Store?.Stored ?? 0);
        Counter("store.failures", "Writes of the store that failed", s => s.Store?.Failures ?? 0);
        Counter("store.rejected", "Tweets the store refuses for good", s => s.Store?.Rejected ?? 0);
        Gauge("waiting", "Records read and not yet through", s => s.Waiting);
        Gauge("in_flight", "Bytes of tweets on their way", s => s.BytesInFlight, "By");
        Gauge("store.batch", "Records of the last batch", s => s.Store?.LastBatch ?? 0);
        Gauge("store.write", "Time the last batch took", s => s.Store?.LastTime.TotalSeconds ?? 0, "s");
        Gauge("store.up", "Whether the store takes tweets", s => s.Store is null or { Paused: false, Down: null } ? 1 : 0);
        _meter.CreateObservableGauge("rookery.pipeline.workers", () => Pools(p => p.Workers), null, "Workers by pool");
        _meter.CreateObservableCounter("rookery.pipeline.given_up", () => Pools(p => p.GivenUp), null, "Tweets that crash their worker and stay without its score, by pool");

        void Counter(string name, string help, Func<PipelineStatus, long> figure) =>
            _meter.CreateObservableCounter($"rookery.pipeline.{name}", () => figure(Look()), null, help);

        void Gauge(string name, string help, Func<PipelineStatus, double> figure, string? unit = null) =>
            _meter.CreateObservableGauge($"rookery.pipeline.{name}", () => figure(Look()), unit, help);
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Pools(Func<PoolStatus, long> figure) =>
        Look().Pools.Select(p => new Measurement<long>(figure(p.Value), new KeyValuePair<string, object?>("pool", StatusJson.NameOf(p.Key))));

    private PipelineStatus Look()
    {
        lock (_gate)
        {
            if (_status is null || _time.GetElapsedTime(_taken) >= Together)
            {
                (_status, _taken) = (_take(), _time.GetTimestamp());
            }

            return _status;
        }
    }
}
