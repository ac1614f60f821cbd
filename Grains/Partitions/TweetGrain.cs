using Orleans.Concurrency;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>A part of the tweets of the cluster: a shell around a <see cref="TweetPartition"/>.</summary>
[Reentrant, ByNumberPlacement]
internal sealed class TweetGrain(PipelineServices services) : PartitionGrain<TweetPartition>(services), ITweetGrain
{
    /// <inheritdoc/>
    public Task<AddReply> AddAsync(AddTweets request, CancellationToken cancellationToken = default) => Living().AddAsync(request);

    protected override TweetPartition Make(int number, PipelineServices services) => services.NewTweetPartition(number, new UserGrains(GrainFactory));

    private sealed class UserGrains(IGrainFactory grains) : IUserPartitions
    {
        public Task<AddReply> AddAsync(int partition, AddDeltas request) => grains.GetGrain<IUserGrain>(partition).AddAsync(request, CancellationToken.None);
    }
}

/// <summary>A part of the users of the cluster: a shell around a <see cref="UserPartition"/>.</summary>
[Reentrant, ByNumberPlacement]
internal sealed class UserGrain(PipelineServices services) : PartitionGrain<UserPartition>(services), IUserGrain
{
    /// <inheritdoc/>
    public Task<AddReply> AddAsync(AddDeltas request, CancellationToken cancellationToken = default) => Living().AddAsync(request);

    protected override UserPartition Make(int number, PipelineServices services) => services.NewUserPartition(number);
}

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
