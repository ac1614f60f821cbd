using Orleans.Concurrency;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>A part of the tweets of the cluster: a shell around a <see cref="TweetPartition"/>.</summary>
[Reentrant, ByNumberPlacement]
internal sealed class TweetGrain(PipelineServices services) : Grain, ITweetGrain
{
    private PartitionRun? _run;
    private TweetPartition _partition = null!;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var number = (int)this.GetPrimaryKeyLong();
        _partition = services.NewTweetPartition(number, new UserGrains(GrainFactory));
        _run = new PartitionRun(this, _partition.RunAsync, _partition.Close, services, DeactivateOnIdle);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _run?.EndAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public Task<AddReply> AddAsync(AddTweets request, CancellationToken cancellationToken = default)
    {
        if (_partition.HasEnded)
        {
            DeactivateOnIdle();
        }

        return _partition.AddAsync(request);
    }

    private sealed class UserGrains(IGrainFactory grains) : IUserPartitions
    {
        public Task<AddReply> AddAsync(int partition, AddDeltas request) => grains.GetGrain<IUserGrain>(partition).AddAsync(request, CancellationToken.None);
    }
}

/// <summary>A part of the users of the cluster: a shell around a <see cref="UserPartition"/>.</summary>
[Reentrant, ByNumberPlacement]
internal sealed class UserGrain(PipelineServices services) : Grain, IUserGrain
{
    private PartitionRun? _run;
    private UserPartition _partition = null!;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _partition = services.NewUserPartition((int)this.GetPrimaryKeyLong());
        _run = new PartitionRun(this, _partition.RunAsync, _partition.Close, services, DeactivateOnIdle);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _run?.EndAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public Task<AddReply> AddAsync(AddDeltas request, CancellationToken cancellationToken = default)
    {
        if (_partition.HasEnded)
        {
            DeactivateOnIdle();
        }

        return _partition.AddAsync(request);
    }
}
