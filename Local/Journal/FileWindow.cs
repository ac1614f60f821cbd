namespace Rookery.Local;

/// <summary>Reads a file from front to back in large pieces, and shows any part of it that lies ahead as one piece of memory.</summary>
internal sealed class FileWindow(IJournalFile file, long length, byte[] buffer)
{
    private const int SectorBytes = 4096;
    private long _start;
    private int _filled;

    /// <summary>The buffer; a larger one than at first where a part asked for was larger.</summary>
    public byte[] Buffer { get; private set; } = buffer;

    public long Length => length;

    /// <summary>What the device answered where a part could not be read; that part is shown as zeros.</summary>
    public IOException? ReadError { get; private set; }

    /// <summary>So many bytes from an offset; less at the end of the file. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Get(long offset, int count)
    {
        count = (int)Math.Min(count, length - offset);
        if (offset < _start || offset + count > _start + _filled)
        {
            Move(offset, count);
        }

        return new ReadOnlyMemory<byte>(Buffer, (int)(offset - _start), (int)Math.Min(count, _start + _filled - offset));
    }

    /// <summary>What is in memory from an offset on; at least one byte unless the file ends there.</summary>
    public ReadOnlySpan<byte> Ahead(long offset, int least) => offset + least <= _start + _filled && offset >= _start
        ? Buffer.AsSpan((int)(offset - _start), (int)(_start + _filled - offset))
        : Get(offset, Buffer.Length).Span;

    private void Move(long offset, int count)
    {
        var kept = 0;
        var old = Buffer;
        if (count > Buffer.Length)
        {
            Buffer = new byte[count];
        }

        if (offset >= _start && offset < _start + _filled)
        {
            kept = (int)(_start + _filled - offset);
            old.AsSpan((int)(offset - _start), kept).CopyTo(Buffer);
        }

        (_start, _filled) = (offset, kept);
        var wanted = (int)Math.Min(Buffer.Length - kept, length - offset - kept);
        try
        {
            _filled += file.Read(Buffer.AsSpan(kept, wanted), offset + kept);
        }
        catch (IOException exception)
        {
            ReadError = exception;
            ReadWhatCanBeRead(kept, wanted);
        }
    }

    private void ReadWhatCanBeRead(int kept, int wanted)
    {
        for (var done = 0; done < wanted; done += SectorBytes)
        {
            var part = Buffer.AsSpan(kept + done, Math.Min(SectorBytes, wanted - done));
            part.Clear();
            try
            {
                _ = file.Read(part, _start + kept + done);
            }
            catch (IOException)
            {
                part.Clear();
            }
        }

        _filled += wanted;
    }
}
