using System.Diagnostics.Metrics;

namespace Rookery.Grains;

/// <summary>What the tweet half of a silo shows of the moment.</summary>
internal sealed class PipelineGauges : IDisposable
{
    private readonly Meter _meter = new(ClusterMetrics.Meter.Name);

    public PipelineGauges(PipelineServices services)
    {
        foreach (var stage in services.Desk.Stages)
        {
            var tag = new KeyValuePair<string, object?>("stage", stage.Stage.ToString());
            Show("rookery.workers.limit", () => stage.Limit.Limit, "Calls of workers that may be under way at a time");
            Show("rookery.workers.in_flight", () => stage.Limit.InFlight, "Calls of workers under way");
            Show("rookery.workers.waiting", () => stage.Limit.Waiting, "Callers that wait for their turn");
            Show("rookery.workers.refused", () => stage.Limit.Refused, "Callers sent away because too many waited");
            Show("rookery.workers.failures", () => stage.Failures, "Calls of workers that failed, crashes aside");
            Show("rookery.workers.time_ms", () => stage.Limit.Average.TotalMilliseconds, "Moving average of the time per call");

            void Show(string name, Func<double> value, string description) =>
                _meter.CreateObservableGauge(name, () => new Measurement<double>(value(), tag), description: description);
        }

        _meter.CreateObservableGauge("rookery.join.waiting", () => services.Desk.Counters.Waiting, description: "Tweets that wait for scores");
        _meter.CreateObservableGauge("rookery.blocks.bytes", () => services.Blocks.BytesInUse, description: "Bytes of blocks on their way");
        _meter.CreateObservableGauge("rookery.pipeline.paused", () => services.Pause.IsPaused ? 1 : 0, description: "Whether an operator has paused the writing");
    }

    public void Dispose() => _meter.Dispose();
}
