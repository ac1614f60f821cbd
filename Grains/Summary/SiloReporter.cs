using Microsoft.Extensions.Hosting;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>Reports what its silo has counted and measured, each second; a report that did not arrive is sent again before there is another.</summary>
internal sealed class SiloReporter(PipelineServices services, IGrainFactory grains, ISiloStatusOracle silos) : BackgroundService
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Guid _self = Guid.NewGuid();
    private SiloReport? _report;
    private long _number;
    private long _pane;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Second, services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (silos.CurrentStatus == SiloStatus.Active && (_report ??= Next()) is { } report && await SendAsync(report))
                {
                    _report = null;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The silo ends.
        }
    }

    private SiloReport? Next()
    {
        var panes = services.Hashtags.PanesAfter(_pane, services.Time.GetUtcNow().ToUnixTimeMilliseconds());
        var sample = services.Statistics.Take();
        if (panes.Count == 0 && sample.IsEmpty)
        {
            return null;
        }

        _pane = panes.Count > 0 ? panes[^1].Time : _pane;
        return new SiloReport(_self, ++_number, SummaryCodec.Write(panes), sample.IsEmpty ? [] : SummaryCodec.Write(sample));
    }

    private async Task<bool> SendAsync(SiloReport report)
    {
        try
        {
            await grains.GetGrain<ISummaryGrain>(0).AddAsync(report, CancellationToken.None).WaitAsync(Patience, services.Time);
            return true;
        }
#pragma warning disable CA1031 // The silo that draws them together may have died this moment; the next tick sends it again.
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            PipelineLog.NotPublished(services.Logger, "the figures of this silo", exception.Message);
            return false;
        }
    }
}
