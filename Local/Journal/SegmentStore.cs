namespace Rookery.Local;

/// <summary>Creates and deletes the files of segments, and keeps the list of them true at every step. Used by one thread at a time.</summary>
internal sealed class SegmentStore(SharedJournal journal)
{
    private const int SmallSegmentBytes = 1 << 20;

    /// <summary>Whether entries and headers have to be on the device before they count.</summary>
    public bool IsDurable => journal.Options.Durability != Durability.Memory;

    /// <summary>
    /// Creates a segment; a small one where a full-sized one finds no room, so that acknowledgements can be stored and give
    /// space back for as long as possible.
    /// </summary>
    public SegmentWriter Create(int number, long least)
    {
        SegmentWriter writer;
        var (full, small) = (Math.Max(journal.Options.SegmentBytes, least), Math.Max(SmallSegmentBytes, least));
        try
        {
            writer = Create(number, capacity: full, IsDurable);
        }
        catch (DiskFullException) when (small < full)
        {
            writer = Create(number, capacity: small, IsDurable);
        }

        try
        {
            journal.Segments[number] = writer.Segment;
            SegmentList.Write(journal.Files, journal.Segments.Values, IsDurable);
            return writer;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Deletes segments: first from the list, so that nobody misses them.</summary>
    public void Delete(IReadOnlyCollection<Segment> segments)
    {
        SegmentList.Write(journal.Files, journal.Segments.Values.Except(segments), IsDurable);
        foreach (var segment in segments)
        {
            journal.Segments.TryRemove(segment.Number, out _);
            journal.Readers.Forget(segment.Number);
            journal.Files.Delete(segment.Name);
            journal.Metrics.SegmentDeleted();
        }
    }

    private SegmentWriter Create(int number, long capacity, bool durable) =>
        SegmentWriter.Create(journal.Files, number, capacity, journal.Time.GetUtcNow(), durable);
}
