namespace Rookery.Grains;

/// <summary>A grain that has a partition running as long as it is active.</summary>
internal abstract class PartitionGrain<TPartition>(PipelineServices services) : Grain
    where TPartition : class, IPartition
{
    private PartitionRun? _run;
    private TPartition _partition = null!;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _partition = Make((int)this.GetPrimaryKeyLong(), services);
        _run = new PartitionRun(this, _partition.RunAsync, _partition.Close, services, DeactivateOnIdle);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _run?.EndAsync(cancellationToken) ?? Task.CompletedTask;

    protected abstract TPartition Make(int number, PipelineServices services);

    /// <summary>The partition; where it has ended it answers so, and the grain leaves for one that works.</summary>
    protected TPartition Living()
    {
        if (_partition.HasEnded)
        {
            DeactivateOnIdle();
        }

        return _partition;
    }
}
