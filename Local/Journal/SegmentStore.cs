using System.Diagnostics.CodeAnalysis;

namespace Rookery.Local;

/// <summary>Creates and deletes the files of segments, and keeps the list of them true at every step. Used by one thread at a time.</summary>
internal sealed class SegmentStore(SharedJournal journal)
{
    private const int MostSmallBytes = 1 << 20;
    private const int SmallestBytes = 64 << 10;

    /// <summary>The room that is spent last.</summary>
    public JournalReserve Reserve { get; } = new(journal);

    /// <summary>Whether entries and headers have to be on the device before they count.</summary>
    public bool IsDurable => journal.Options.Durability != Durability.Memory;

    /// <summary>
    /// Creates a segment; a small one where a full-sized one finds no room, in the end in place of the reserve, so that
    /// acknowledgements and drops can be stored and give space back.
    /// </summary>
    public SegmentWriter Create(int number, long least)
    {
        var writer = CreateFile(number, least);
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

    /// <summary>Bytes of a segment where there is no room for a full one.</summary>
    public static int SmallBytes(JournalOptions options) => Math.Min(MostSmallBytes, options.SegmentBytes);

    private SegmentWriter CreateFile(int number, long least)
    {
        if (TryCreateFile(number, least, out var writer, out var full) || (Reserve.Spend() && TryCreateFile(number, least, out writer, out full)))
        {
            return writer;
        }

        throw full;
    }

    /// <summary>From a full one to the smallest that is worth a file.</summary>
    private IEnumerable<long> Sizes()
    {
        yield return journal.Options.SegmentBytes;
        for (var bytes = SmallBytes(journal.Options); bytes >= SmallestBytes; bytes /= 2)
        {
            yield return bytes;
        }
    }

    /// <summary>The largest for which there is room.</summary>
    private bool TryCreateFile(int number, long least, [NotNullWhen(true)] out SegmentWriter? writer, [NotNullWhen(false)] out DiskFullException? full)
    {
        full = null;
        foreach (var bytes in Sizes().Select(bytes => Math.Max(bytes, least)).Distinct())
        {
            try
            {
                writer = SegmentWriter.Create(journal.Files, number, bytes, journal.Time.GetUtcNow(), IsDurable);
                return true;
            }
            catch (DiskFullException exception)
            {
                full = exception;
            }
        }

        writer = null;
        return full is null;
    }
}
