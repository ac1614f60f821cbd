using System.Diagnostics.Metrics;
using Rookery.Local;

namespace Rookery.Command;

/// <summary>
/// Figures of the pipeline as meters, which are looked up when somebody asks.
/// </summary>
internal sealed class RunMeters : IDisposable
{
    public const string Name = "Rookery.Pipeline";

    private readonly Meter _meter = new(Name);
    private readonly PipelineLook _look;

    public RunMeters(PipelineLook look)
    {
        _look = look;
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
            _meter.CreateObservableCounter($"rookery.pipeline.{name}", () => figure(_look.Take()), null, help);

        void Gauge(string name, string help, Func<PipelineStatus, double> figure, string? unit = null) =>
            _meter.CreateObservableGauge($"rookery.pipeline.{name}", () => figure(_look.Take()), unit, help);
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Pools(Func<PoolStatus, long> figure) =>
        _look.Take().Pools.Select(p => new Measurement<long>(figure(p.Value), new KeyValuePair<string, object?>("pool", StatusJson.NameOf(p.Key))));
}
