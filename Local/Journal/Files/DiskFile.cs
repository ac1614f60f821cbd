using Microsoft.Win32.SafeHandles;

namespace Rookery.Local;

/// <summary>A file of the operating system as the journal's.</summary>
internal sealed class DiskFile(SafeFileHandle handle, string path) : IJournalFile
{
    public long Length => RandomAccess.GetLength(handle);

    public int Read(Span<byte> buffer, long offset)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = RandomAccess.Read(handle, buffer[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
    {
        try
        {
            // Short writes are continued by the runtime.
            RandomAccess.Write(handle, buffers, offset);
        }
        catch (IOException exception) when (NativeDisk.IsFull(exception))
        {
            var wanted = buffers.Sum(buffer => (long)buffer.Length);
            throw new DiskFullException($"the disk is full: {wanted:N0} bytes were wanted in {path}{NativeDisk.Free(path)}", exception);
        }
    }

    public void Sync() => NativeDisk.Sync(handle, path);

    public void Truncate(long length) => RandomAccess.SetLength(handle, length);

    public void Dispose() => handle.Dispose();
}
