using System.Buffers;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>Reads frames back. Keeps the files it reads open, a bounded number of them; the longest unused is closed.</summary>
internal sealed class SegmentReaders(IJournalFiles files) : IDisposable
{
    private const int MaxOpen = 32;

    // Most frames of a lightly loaded topic fit, and are read with one call.
    private const int FirstRead = 16 << 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, OpenFile> _open = [];
    private long _clock;
    private bool _disposed;

    /// <summary>Reads the records of a frame, checked.</summary>
    /// <exception cref="JournalException">They are damaged or gone: it is no use to try again.</exception>
    /// <exception cref="SegmentNotOpenedException">The file is there, and cannot be opened now.</exception>
    /// <exception cref="IOException">The device does not give what the file has.</exception>
    /// <exception cref="ObjectDisposedException">The readers are closed.</exception>
    public IMemoryOwner<byte> Read(TopicName topic, long address)
    {
        var (number, offset) = (FrameAddress.SegmentOf(address), FrameAddress.OffsetOf(address));
        var file = Rent(number);
        try
        {
            return Read(file.File, topic, offset, $"offset {offset} of {SegmentName.Of(number)} in {files.Location}");
        }
        finally
        {
            Return(file);
        }
    }

    /// <summary>Closes a file that is to be deleted.</summary>
    public void Forget(int number)
    {
        lock (_gate)
        {
            Close(number);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var number in _open.Keys.ToList())
            {
                Close(number);
            }
        }
    }

    private static FrameRecords Read(IJournalFile file, TopicName topic, long offset, string where)
    {
        byte[]? buffer = ArrayPool<byte>.Shared.Rent(FirstRead);
        try
        {
            var read = file.Read(buffer, offset);
            if (!FrameHeader.TryRead(buffer.AsSpan(0, read), out var header))
            {
                throw new JournalException($"there is no intact frame of topic {topic} at {where}");
            }

            if (header.FrameBytes > read)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = null; // Not returned twice where renting fails.
                buffer = ArrayPool<byte>.Shared.Rent(header.FrameBytes);
                read = file.Read(buffer.AsSpan(0, header.FrameBytes), offset);
            }

            if (!header.Matches(buffer.AsSpan(0, read), out var owner) || owner != topic)
            {
                throw new JournalException($"the frame of topic {topic} at {where} is damaged: its checksum does not match");
            }

            return new FrameRecords(buffer, FrameHeader.Size + header.NameLength, header.RecordBytes);
        }
        catch
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            throw;
        }
    }

    private OpenFile Rent(int number)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_open.TryGetValue(number, out var file))
            {
                if (_open.Count >= MaxOpen)
                {
                    Close(_open.MinBy(pair => pair.Value.LastUsed).Key);
                }

                file = new OpenFile(Open(SegmentName.Of(number)));
                _open[number] = file;
            }

            file.LastUsed = ++_clock;
            file.Users++;
            return file;
        }
    }

    private IJournalFile Open(string name)
    {
        try
        {
            return files.Open(name, write: false);
        }
        catch (FileNotFoundException exception)
        {
            throw new JournalException($"{name} is gone from {files.Location}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SegmentNotOpenedException(exception.Message, exception);
        }
    }

    private void Return(OpenFile file)
    {
        lock (_gate)
        {
            if (--file.Users == 0 && file.IsForgotten)
            {
                file.File.Dispose();
            }
        }
    }

    private void Close(int number)
    {
        if (_open.Remove(number, out var file))
        {
            file.IsForgotten = true;
            if (file.Users == 0)
            {
                file.File.Dispose();
            }
        }
    }

    private sealed class OpenFile(IJournalFile file)
    {
        public IJournalFile File => file;

        public int Users { get; set; }

        public long LastUsed { get; set; }

        public bool IsForgotten { get; set; }
    }

    private sealed class FrameRecords(byte[] buffer, int start, int length) : IMemoryOwner<byte>
    {
        private byte[]? _buffer = buffer;

        public Memory<byte> Memory => new(_buffer ?? throw new ObjectDisposedException(nameof(FrameRecords)), start, length);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _buffer, null) is { } rented)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }
}

/// <summary>A segment cannot be opened at present: too many files are open, say, or its rights were changed.</summary>
internal sealed class SegmentNotOpenedException(string message, Exception cause) : IOException(message, cause);
