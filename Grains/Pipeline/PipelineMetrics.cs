using System.Diagnostics.Metrics;

namespace Rookery.Grains;

/// <summary>What the tweet half counts.</summary>
internal static class PipelineMetrics
{
    public static Counter<long> Crashes { get; } = ClusterMetrics.Meter.CreateCounter<long>("rookery.workers.crashes", description: "Workers that a kill message crashed");

    public static Counter<long> Expired { get; } = ClusterMetrics.Meter.CreateCounter<long>("rookery.join.expired", description: "Tweets that left the join because time was up");

    public static Counter<long> Read { get; } = ClusterMetrics.Meter.CreateCounter<long>("rookery.tweets.read", description: "Tweets read, those inside others among them");

    public static Counter<long> Rejected { get; } = ClusterMetrics.Meter.CreateCounter<long>("rookery.tweets.rejected", description: "Tweets that the store cannot write, now or later");

    public static Counter<long> RejectedUsers { get; } = ClusterMetrics.Meter.CreateCounter<long>("rookery.users.rejected", description: "Users that the store cannot write, now or later");

    public static Counter<long> Stored { get; } = ClusterMetrics.Meter.CreateCounter<long>("rookery.tweets.stored", description: "Rows of tweets written");

    public static Counter<long> Batches { get; } = ClusterMetrics.Meter.CreateCounter<long>("rookery.tweets.batches", description: "Batches of tweets written");

    public static Counter<long> Users { get; } = ClusterMetrics.Meter.CreateCounter<long>("rookery.users.stored", description: "Totals of users written");

    public static Counter<long> Retries { get; } = ClusterMetrics.Meter.CreateCounter<long>("rookery.store.retries", description: "Operations of the store that failed and were tried again");

    public static Counter<long> Repeats { get; } = ClusterMetrics.Meter.CreateCounter<long>("rookery.tweets.repeats", description: "Requests that were sent again and recognised");

    public static Counter<long> PanesAhead { get; } = ClusterMetrics.Meter.CreateCounter<long>("rookery.summary.panes_ahead", description: "Seconds of hashtags that a silo reported from the future, which were left out");

    public static Counter<long> Recovered { get; } = ClusterMetrics.Meter.CreateCounter<long>("rookery.partitions.recovered", description: "Partitions that found a batch unfinished");
}
