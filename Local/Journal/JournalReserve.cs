namespace Rookery.Local;

/// <summary>
/// Room that is kept for the day on which the disk is full: a file of zeros beside the segments. When a segment finds no room
/// the file goes, and the small segment in its place takes acknowledgements and drops, which give space back. Without it a
/// full disk would have no way out: also a drop has to be stored. Used by the writer of the journal; <see cref="IsSpent"/> by anybody.
/// </summary>
internal sealed class JournalReserve(SharedJournal journal)
{
    public const string FileName = "reserve";

    /// <summary>Beside the segment, its list has to find room.</summary>
    private const int BytesForTheList = 64 << 10;

    private volatile bool _isSpent;

    /// <summary>Whether there is no room for it: events are not stored until there is.</summary>
    public bool IsSpent => _isSpent;

    private long Bytes => SegmentStore.SmallBytes(journal.Options) + BytesForTheList;

    /// <summary>Sets the room aside, where it is not and there is twice as much: whoever publishes next must not be the one who fills the disk.</summary>
    public void Keep()
    {
        try
        {
            if (!IsThere())
            {
                using var file = journal.Files.Create(FileName, 2 * Bytes);
                file.Truncate(Bytes);
            }

            _isSpent = false;
        }
        catch (DiskFullException)
        {
            _isSpent = true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Something else than room is lacking. Whether the journal can do without, its next write tells.
            JournalLog.NoReserve(journal.Logger, journal.Files.Location, exception.Message);
        }
    }

    /// <summary>Gives the room to what needs it now.</summary>
    /// <returns>False where there was none.</returns>
    public bool Spend()
    {
        _isSpent = true;
        if (!IsThere())
        {
            return false;
        }

        journal.Files.Delete(FileName);
        return true;
    }

    private bool IsThere() => journal.Files.List().Contains(FileName);
}
