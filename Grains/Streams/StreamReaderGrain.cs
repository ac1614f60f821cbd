using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>Reads one stream: a shell around a <see cref="StreamPump"/>.</summary>
[ByNumberPlacement]
internal sealed class StreamReaderGrain(PipelineServices services, ILocalSiloDetails silo) : Grain, IStreamReaderGrain
{
    private PartitionRun? _run;
    private StreamPump? _pump;

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _run?.EndAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public Task<StreamReport> KeepAsync(Uri source, CancellationToken cancellationToken = default)
    {
        if (_pump is null)
        {
            if (services.HasStoppedReading)
            {
                DeactivateOnIdle();
                return Task.FromResult(new StreamReport(this.GetPrimaryKeyLong(), silo.SiloAddress.ToString(), false, "the silo ends", 0, 0, 0, 0, 0, 0, null));
            }

            _pump = services.NewPump(this.GetPrimaryKeyLong(), source);
            _run = new PartitionRun(this, _pump.RunAsync, _pump.Close, services, DeactivateOnIdle);
        }
        else if (_run!.HasEnded)
        {
            // The next call finds a new activation, here or where it is read by now.
            DeactivateOnIdle();
        }

        return Task.FromResult(_pump.Report(silo.SiloAddress.ToString()));
    }
}
