namespace Rookery.Local;

/// <summary>The file that is being written: gathers frames, writes them with one call, and knows how much is synced.</summary>
internal sealed class SegmentWriter : IDisposable
{
    private readonly IJournalFile _file;
    private readonly long _capacity;
    private readonly List<ReadOnlyMemory<byte>> _gathered = [];
    private long _written = SegmentHeader.Size;
    private long _end = SegmentHeader.Size;

    private SegmentWriter(Segment segment, IJournalFile file, long capacity) =>
        (Segment, _file, _capacity) = (segment, file, capacity);

    public Segment Segment { get; }

    /// <summary>Up to where the device has it.</summary>
    public long Synced { get; private set; } = SegmentHeader.Size;

    /// <summary>Whether something was written that was not synced.</summary>
    public bool IsDirty => Synced < _written;

    /// <summary>Creates the file of a segment; its entry and its header are durable when this returns, if asked.</summary>
    public static SegmentWriter Create(IJournalFiles files, int number, long capacity, DateTimeOffset now, bool durable)
    {
        var header = new byte[SegmentHeader.Size];
        SegmentHeader.Write(header, number, now);
        var segment = new Segment(number);
        var file = files.Create(segment.Name, capacity);
        try
        {
            file.Write([header], 0);
            if (durable)
            {
                file.Sync();
                files.Sync();
            }

            return new SegmentWriter(segment, file, capacity);
        }
        catch
        {
            file.Dispose();
            Delete(files, segment.Name);
            throw;
        }
    }

    public bool HasRoomFor(int bytes) => _end + bytes <= _capacity;

    /// <summary>Adds a frame to what is written next.</summary>
    public void Gather(TopicJournal append)
    {
        append.Address = FrameAddress.Of(Segment.Number, _end);
        _gathered.Add(append.Frame);
        Segment.Add(append, _end, append.Frame.Length);
        _end += append.Frame.Length;
    }

    /// <summary>Writes what was gathered.</summary>
    public void Write()
    {
        if (_gathered.Count > 0)
        {
            _file.Write(_gathered, _written);
            _gathered.Clear();
            _written = _end;
        }
    }

    /// <summary>Syncs what was written.</summary>
    public void Sync()
    {
        if (IsDirty)
        {
            _file.Sync();
            Synced = _written;
        }
    }

    /// <summary>Gives back what was reserved and not used.</summary>
    public void Trim() => _file.Truncate(_written);

    public void Dispose() => _file.Dispose();

    /// <summary>Where there is no room to reserve, the next attempt is a smaller file of the same name.</summary>
    private static void Delete(IJournalFiles files, string name)
    {
        try
        {
            files.Delete(name);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What kept the header from being written is what has to be told; the next start deletes a segment without one.
        }
    }
}
