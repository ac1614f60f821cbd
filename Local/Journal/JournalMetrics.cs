using System.Diagnostics.Metrics;

namespace Rookery.Local;

/// <summary>What the journal counts, over every time it was reopened; also published by the meter <c>Rookery.Local</c>.</summary>
internal sealed class JournalMetrics
{
    /// <summary>The meter of this room.</summary>
    public static readonly Meter Meter = new("Rookery.Local");

    /// <summary>Topics that were given back because they were empty and unused.</summary>
    public static readonly Counter<long> GivenBack = Meter.CreateCounter<long>("rookery.broker.topics_given_back");

    private static readonly Counter<long> FramesCounter = Meter.CreateCounter<long>("rookery.journal.frames");
    private static readonly Counter<long> BytesCounter = Meter.CreateCounter<long>("rookery.journal.bytes", "By");
    private static readonly Counter<long> SyncsCounter = Meter.CreateCounter<long>("rookery.journal.syncs");
    private static readonly Counter<long> FailuresCounter = Meter.CreateCounter<long>("rookery.journal.failures");
    private static readonly Counter<long> FindingsCounter = Meter.CreateCounter<long>("rookery.journal.findings");
    private static readonly Counter<long> DeletedCounter = Meter.CreateCounter<long>("rookery.journal.segments_deleted");
    private static readonly Counter<long> ReclaimsCounter = Meter.CreateCounter<long>("rookery.journal.reclaims");

    private static readonly Counter<long> ReadRetriesCounter = Meter.CreateCounter<long>("rookery.journal.read_retries");
    private static readonly Counter<long> FramesLostCounter = Meter.CreateCounter<long>("rookery.journal.frames_lost");

    private long _frames;
    private long _bytes;
    private long _writes;
    private long _syncs;
    private long _failures;
    private long _deleted;
    private long _reclaims;
    private long _findings;
    private long _readRetries;
    private long _framesLost;

    /// <summary>Frames stored.</summary>
    public long Frames => Interlocked.Read(ref _frames);

    /// <summary>Bytes of the frames stored.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Writes of gathered frames.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Syncs of frames.</summary>
    public long Syncs => Interlocked.Read(ref _syncs);

    /// <summary>Failures after which the journal had to be reopened.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Segments deleted because nothing lived in them.</summary>
    public long Deleted => Interlocked.Read(ref _deleted);

    /// <summary>Times topics were asked to move what lives in a sparse segment.</summary>
    public long Reclaims => Interlocked.Read(ref _reclaims);

    /// <summary>What recoveries found that was not as it should be.</summary>
    public long Findings => Interlocked.Read(ref _findings);

    /// <summary>Times a frame could not be read and was to be tried again.</summary>
    public long ReadRetries => Interlocked.Read(ref _readRetries);

    /// <summary>Frames that were given up, with the events in them.</summary>
    public long FramesLost => Interlocked.Read(ref _framesLost);

    public void Stored(int frames, long bytes)
    {
        Interlocked.Add(ref _frames, frames);
        Interlocked.Add(ref _bytes, bytes);
        Interlocked.Increment(ref _writes);
        FramesCounter.Add(frames);
        BytesCounter.Add(bytes);
    }

    public void Synced()
    {
        Interlocked.Increment(ref _syncs);
        SyncsCounter.Add(1);
    }

    public void Failed()
    {
        Interlocked.Increment(ref _failures);
        FailuresCounter.Add(1);
    }

    public void SegmentDeleted()
    {
        Interlocked.Increment(ref _deleted);
        DeletedCounter.Add(1);
    }

    public void ReadAgain()
    {
        Interlocked.Increment(ref _readRetries);
        ReadRetriesCounter.Add(1);
    }

    public void FrameLost()
    {
        Interlocked.Increment(ref _framesLost);
        FramesLostCounter.Add(1);
    }

    public void Reclaiming()
    {
        Interlocked.Increment(ref _reclaims);
        ReclaimsCounter.Add(1);
    }

    public void Found(long findings)
    {
        Interlocked.Add(ref _findings, findings);
        FindingsCounter.Add(findings);
    }
}
