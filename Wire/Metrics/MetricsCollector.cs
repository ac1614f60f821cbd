using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Rookery.Wire;

/// <summary>
/// Sums up what the meters of this process count, for <c>/metrics</c>: those of Rookery and those of the runtime. What was
/// counted before it was made is not in it, and distributions of times are left to OpenTelemetry.
/// </summary>
public sealed class MetricsCollector : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, MetricSeries> _series = new();

    /// <summary>Begins to collect.</summary>
    public MetricsCollector()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if ((instrument.Meter.Name.StartsWith("Rookery.", StringComparison.Ordinal) || instrument.Meter.Name == "System.Runtime") && instrument is not Histogram<double>)
            {
                listener.EnableMeasurementEvents(instrument, _series.GetOrAdd(instrument, made => new MetricSeries(made)));
            }
        };
        _listener.MeasurementsCompleted = (instrument, state) => _series.TryRemove(instrument, out _);
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => ((MetricSeries)state!).Add(value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((MetricSeries)state!).Add(value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((MetricSeries)state!).Add(value, tags));
        _listener.Start();
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>Writes all of it that is not written yet, in order of name.</summary>
    internal void Write(PrometheusText text)
    {
        _listener.RecordObservableInstruments();
        foreach (var series in _series.Values.GroupBy(s => s.Name, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            if (!text.Begin(series.Key, series.First().Kind, series.First().Help))
            {
                continue;
            }

            foreach (var (tags, value) in series.SelectMany(s => s.Values).GroupBy(v => v.Tags, StringComparer.Ordinal).Select(g => (g.Key, g.Sum(v => v.Value))))
            {
                text.Sample(series.Key, tags, value);
            }
        }
    }
}
