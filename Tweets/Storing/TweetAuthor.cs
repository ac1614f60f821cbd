namespace Rookery.Tweets;

/// <summary>What a tweet says of its author. Strings are slices of the message they came in, UTF-8.</summary>
public sealed class TweetAuthor
{
    /// <summary>User id, above 0.</summary>
    public required long Id { get; init; }

    /// <summary>Name to call, without the <c>@</c>; empty where unknown.</summary>
    public ReadOnlyMemory<byte> ScreenName { get; init; }

    /// <summary>Name to show; empty where unknown.</summary>
    public ReadOnlyMemory<byte> Name { get; init; }

    /// <summary>Followers.</summary>
    public long Followers { get; init; }

    /// <summary>The tweet this user was last seen with.</summary>
    public long TweetId { get; init; }
}
