namespace Rookery.Tweets;

/// <summary>What has happened in a join, in tweets. At rest, <c>Added = Completed + Expired + Waiting</c>.</summary>
public record struct JoinCounters
{
    /// <summary>Taken in.</summary>
    public long Added { get; internal set; }

    /// <summary>Came out with all scores of their block.</summary>
    public long Completed { get; internal set; }

    /// <summary>Came out because time was up.</summary>
    public long Expired { get; internal set; }

    /// <summary>Of the expired, those that lack a score.</summary>
    public long Incomplete { get; internal set; }

    /// <summary>In it now.</summary>
    public long Waiting { get; internal set; }

    /// <summary>Scores that came after their block had left.</summary>
    public long Late { get; internal set; }

    /// <summary>Scores reported a second time while waiting.</summary>
    public long Repeated { get; internal set; }

    /// <summary>Blocks not taken because the join was full.</summary>
    public long Refused { get; internal set; }
}
