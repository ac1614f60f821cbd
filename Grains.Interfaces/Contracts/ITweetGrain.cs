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

/// <summary>Tweets of one partition, from one reader.</summary>
/// <param name="Reader">The activation that reads.</param>
/// <param name="Number">Grows from request to request of one reader and partition; a request is sent again until it is done.</param>
/// <param name="Tweets">The tweets, in the order in which they came.</param>
[GenerateSerializer, Immutable, Alias("Rookery.AddTweets")]
public sealed record AddTweets([property: Id(0)] Guid Reader, [property: Id(1)] long Number, [property: Id(2)] byte[] Tweets);

/// <summary>By how much the totals of users change.</summary>
/// <param name="Partition">The partition of the tweets.</param>
/// <param name="Batch">The batch of that partition.</param>
/// <param name="Deltas">The changes, and what is known of the users.</param>
[GenerateSerializer, Immutable, Alias("Rookery.AddDeltas")]
public sealed record AddDeltas([property: Id(0)] int Partition, [property: Id(1)] long Batch, [property: Id(2)] byte[] Deltas);

/// <summary>What came of it.</summary>
/// <param name="Status">Whether it is durable.</param>
/// <param name="Detail">Why not.</param>
[GenerateSerializer, Immutable, Alias("Rookery.AddReply")]
public sealed record AddReply([property: Id(0)] AddStatus Status, [property: Id(1)] string? Detail = null)
{
    /// <summary>It is durable.</summary>
    public static AddReply Done { get; } = new(AddStatus.Done);

    /// <summary>It is on its way.</summary>
    public static AddReply Pending { get; } = new(AddStatus.Pending);
}

/// <summary>How a partition took what it was handed.</summary>
public enum AddStatus : byte
{
    /// <summary>It is durable.</summary>
    Done,

    /// <summary>It is on its way; send the same again to hear of it.</summary>
    Pending,

    /// <summary>Not now: the store is down, an operator has paused it, or the partition moves. Send the same again later.</summary>
    Unavailable,

    /// <summary>Never: it cannot be read.</summary>
    Refused,
}
