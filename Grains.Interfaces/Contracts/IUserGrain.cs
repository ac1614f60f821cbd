namespace Rookery.Grains.Interfaces;

/// <summary>
/// A part of the users of the cluster; its key is the number of the partition. It keeps their totals, absolute, and brings them
/// into the store once per interval.
/// </summary>
[Alias("Rookery.IUserGrain")]
public interface IUserGrain : IGrainWithIntegerKey
{
    /// <summary>Adds to the totals of users. What a tweet partition sends with the same number is counted once.</summary>
    [Alias("Add")]
    Task<AddReply> AddAsync(AddDeltas request, CancellationToken cancellationToken = default);
}
