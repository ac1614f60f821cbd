namespace Rookery.Grains.Interfaces;

/// <summary>
/// A part of the tweets of the cluster; its key is the number of the partition. It brings what readers hand it into the store, in
/// batches, and tells the users' partitions by how much each user's totals change: exactly once per tweet and score, whatever is
/// killed meanwhile.
/// </summary>
[Alias("Rookery.ITweetGrain")]
public interface ITweetGrain : IGrainWithIntegerKey
{
    /// <summary>Stores tweets. The same request may be sent again: it completes when what is in it is durable.</summary>
    [Alias("Add")]
    Task<AddReply> AddAsync(AddTweets request, CancellationToken cancellationToken = default);
}
