namespace Rookery.Local;

/// <summary>
/// The directory of a journal. A port, so that tests can put a disk under the journal that fails, tears and forgets.
/// Every method throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> where it fails.
/// </summary>
internal interface IJournalFiles
{
    /// <summary>Where the files are, for messages.</summary>
    string Location { get; }

    /// <summary>Names of all entries.</summary>
    IReadOnlyList<string> List();

    /// <summary>Creates a file that does not exist, with so many bytes of zeros reserved.</summary>
    /// <exception cref="DiskFullException">There is no room for it.</exception>
    IJournalFile Create(string name, long reserve);

    /// <summary>Opens a file that exists.</summary>
    IJournalFile Open(string name, bool write);

    /// <summary>Gives a file another name, in place of the file that has it.</summary>
    void Replace(string name, string newName);

    /// <summary>Deletes a file.</summary>
    void Delete(string name);

    /// <summary>Makes creations, renamings and deletions durable.</summary>
    void Sync();
}

/// <summary>One file of a journal. Reads may come from any thread; everything else from one at a time.</summary>
internal interface IJournalFile : IDisposable
{
    /// <summary>Its length, in bytes.</summary>
    long Length { get; }

    /// <summary>Reads what is there from an offset; less than asked for only at the end of the file.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Writes buffers one behind the other from an offset, whole or not at all as far as the caller can tell.</summary>
    /// <exception cref="DiskFullException">There is no room for it.</exception>
    void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset);

    /// <summary>Makes what was written durable.</summary>
    void Sync();

    /// <summary>Cuts the file off.</summary>
    void Truncate(long length);
}

/// <summary>A disk has no room left.</summary>
internal sealed class DiskFullException(string message, Exception? cause = null) : IOException(message, cause);
