namespace Rookery.Tweets;

/// <summary>What has happened in a join, in tweets. At rest, <c>Added = Completed + Expired + Waiting</c>.</summary>
public readonly record struct JoinCounters
{
    /// <summary>Taken in.</summary>
    public long Added { get; init; }

    /// <summary>Came out with all scores of their block.</summary>
    public long Completed { get; init; }

    /// <summary>Came out because time was up.</summary>
    public long Expired { get; init; }

    /// <summary>Of the expired, those that lack a score.</summary>
    public long Incomplete { get; init; }

    /// <summary>In it now.</summary>
    public long Waiting { get; init; }

    /// <summary>Scores that came after their block had left.</summary>
    public long Late { get; init; }

    /// <summary>Scores reported a second time while waiting.</summary>
    public long Repeated { get; init; }

    /// <summary>Blocks not taken because the join was full.</summary>
    public long Refused { get; init; }
}
