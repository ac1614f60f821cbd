using Orleans.Concurrency;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>A part of the users of the cluster: a shell around a <see cref="UserPartition"/>.</summary>
[Reentrant, ByNumberPlacement]
internal sealed class UserGrain(PipelineServices services) : PartitionGrain<UserPartition>(services), IUserGrain
{
    /// <inheritdoc/>
    public Task<AddReply> AddAsync(AddDeltas request, CancellationToken cancellationToken = default) => Living().AddAsync(request);

    protected override UserPartition Make(int number, PipelineServices services) => services.NewUserPartition(number);
}
