namespace Rookery.Command;

/// <summary>What <c>rookery top</c> shows: the answers of <c>/api/status</c> and <c>/api/topics</c>, of one moment.</summary>
internal sealed record TopFigures(TopStatus Status, IReadOnlyList<TopTopic> Topics);

/// <summary>A run as <see cref="StatusJson"/> describes it, as far as it is shown.</summary>
internal sealed record TopStatus(long Time, double UptimeS, string Version, IReadOnlyList<string> Troubles, TopBroker Broker, TopTweets? Tweets);

internal sealed record TopBroker(long Published, long Delivered, long Acknowledged, long FailedWrites, int Connections, int Topics, string Durability);

internal sealed record TopTweets(
    long In, long Scored, long? Stored, long Waiting, long Crashes, IReadOnlyList<TopPool> Pools, TopStore? Store, IReadOnlyList<TopHashtag> Hashtags);

internal sealed record TopPool(string Stage, int Workers, long Waiting, long Crashes);

internal sealed record TopStore(string State, string? Reason, long Batch, double WriteMs, long NextBatch);

internal sealed record TopHashtag(string Tag, long Count, long Error);

internal sealed record TopTopic(string Topic, long Seq, long Events, long Bytes, IReadOnlyList<TopSubscription> Subscriptions)
{
    public long Waiting => Subscriptions.Sum(s => s.Waiting);

    public long InFlight => Subscriptions.Sum(s => s.InFlight);

    public long Redelivered => Subscriptions.Sum(s => s.Redelivered);

    public long Dead => Subscriptions.Sum(s => s.Dead);
}

internal sealed record TopSubscription(long Waiting, long InFlight, long Dead, long Redelivered);
