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
