using System.Diagnostics.Metrics;

namespace Rookery.Grains;

/// <summary>Figures of the change feed since its grain was activated, and the same as metrics of the process.</summary>
internal sealed class ChangeFeedStatus
{
    private static readonly Counter<long> PublishedCounter = ClusterMetrics.Meter.CreateCounter<long>("rookery.changes.published");
    private static readonly Counter<long> RepeatedCounter = ClusterMetrics.Meter.CreateCounter<long>("rookery.changes.repeated");
    private static readonly Counter<long> MergedCounter = ClusterMetrics.Meter.CreateCounter<long>("rookery.changes.merged");
    private static readonly Counter<long> GoneCounter = ClusterMetrics.Meter.CreateCounter<long>("rookery.changes.gone");
    private static readonly Counter<long> RefusedCounter = ClusterMetrics.Meter.CreateCounter<long>("rookery.changes.refused");
    private static readonly Counter<long> RetriesCounter = ClusterMetrics.Meter.CreateCounter<long>("rookery.changes.retries");
    private static readonly Counter<long> ComparedCounter = ClusterMetrics.Meter.CreateCounter<long>("rookery.changes.comparisons");

    /// <summary>Events stored by their topics.</summary>
    public long Published { get; private set; }

    /// <summary>Events that had been stored before: after a crash, or a reply that got lost.</summary>
    public long Repeated { get; private set; }

    /// <summary>Changes that came with a later one of the same tweet or user, and were published once with it.</summary>
    public long Merged { get; private set; }

    /// <summary>Changes of what was removed before it could be published.</summary>
    public long Gone { get; private set; }

    /// <summary>Events that their topic will not take, now or later.</summary>
    public long Refused { get; private set; }

    /// <summary>Times that something had to be tried again.</summary>
    public long Retries { get; private set; }

    /// <summary>Times that the position was lost and what is stored was compared.</summary>
    public long Comparisons { get; private set; }

    /// <summary>What stands in the way at present; null where nothing does.</summary>
    public string? Trouble { get; set; }

    public void CountPublished(int published, int repeated, int refused)
    {
        (Published, Repeated, Refused) = (Published + published, Repeated + repeated, Refused + refused);
        PublishedCounter.Add(published);
        RepeatedCounter.Add(repeated);
        RefusedCounter.Add(refused);
    }

    public void CountLeftOut(int merged, int gone)
    {
        (Merged, Gone) = (Merged + merged, Gone + gone);
        MergedCounter.Add(merged);
        GoneCounter.Add(gone);
    }

    public void CountRetry()
    {
        Retries++;
        RetriesCounter.Add(1);
    }

    public void CountComparison()
    {
        Comparisons++;
        ComparedCounter.Add(1);
    }
}
