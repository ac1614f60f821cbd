using System.Diagnostics.Metrics;
using Rookery.Local;
using Rookery.Tests;

namespace Rookery.Command.Tests;

public sealed class RunMetersTests
{
    [Fact]
    public async Task All_figures_of_a_collection_come_from_one_look_at_the_pipeline()
    {
        await using var pipeline = new TweetPipeline(new TweetPipelineOptions { Source = new Uri("http://127.0.0.1:1") }, null);
        var time = new ManualTimeProvider();
        var looks = 0;
        var look = new PipelineLook(
            () =>
            {
                Interlocked.Increment(ref looks);
                return pipeline.Status;
            },
            time);
        using var meters = new RunMeters(look);
        using var listener = new MeterListener();
        var figures = new List<string>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == RunMeters.Name)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => figures.Add(instrument.Name));
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => figures.Add(instrument.Name));
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal(1, looks);
        Assert.True(figures.Count >= 15, $"{figures.Count} figures");
        Assert.Contains("rookery.pipeline.given_up", figures);
        time.Advance(TimeSpan.FromSeconds(1));
        listener.RecordObservableInstruments();
        Assert.Equal(2, looks);

        // Whoever shows them beside looks with them, unless something was done meanwhile.
        look.Take();
        Assert.Equal(2, looks);
        look.Forget();
        look.Take();
        Assert.Equal(3, looks);
    }
}
