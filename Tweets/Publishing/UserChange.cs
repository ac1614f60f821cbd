namespace Rookery.Tweets;

/// <summary>A user as it is stored by now, to be published. Strings are UTF-8, good as long as what they were read from.</summary>
public readonly ref struct UserChange
{
    /// <summary>Whether it is new; else it is known and was written again.</summary>
    public bool IsCreated { get; init; }

    /// <summary>User id; 0: nothing is known of the user.</summary>
    public long Id { get; init; }

    /// <summary>Name to call, without the <c>@</c>; empty where unknown.</summary>
    public ReadOnlySpan<byte> ScreenName { get; init; }

    /// <summary>Name to show; empty where unknown.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    /// <summary>Followers.</summary>
    public long Followers { get; init; }

    /// <summary>Engagement over the stored tweets of the user.</summary>
    public UserEngagement Engagement { get; init; }

    /// <summary>The tweet this user was last seen with.</summary>
    public long TweetId { get; init; }

    /// <summary>The change of a user.</summary>
    /// <param name="user">What is known of the user.</param>
    /// <param name="engagement">The totals.</param>
    /// <param name="isCreated">Whether the user is new.</param>
    public static UserChange Of(TweetAuthor user, UserEngagement engagement, bool isCreated)
    {
        ArgumentNullException.ThrowIfNull(user);
        return new UserChange
        {
            IsCreated = isCreated,
            Id = user.Id,
            ScreenName = user.ScreenName.Span,
            Name = user.Name.Span,
            Followers = user.Followers,
            Engagement = engagement,
            TweetId = user.TweetId,
        };
    }
}
