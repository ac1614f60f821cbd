namespace Rookery.Local;

/// <summary>A directory of the operating system as the journal's.</summary>
internal sealed class JournalDirectory : IJournalFiles
{
    /// <summary>Opens it; creates it where there is none.</summary>
    public JournalDirectory(string path)
    {
        Location = Path.GetFullPath(path);
        if (!Directory.Exists(Location))
        {
            Directory.CreateDirectory(Location);
            NativeDisk.SyncDirectory(Path.GetDirectoryName(Location) ?? Location);
        }
    }

    public string Location { get; }

    public IReadOnlyList<string> List() =>
        Directory.EnumerateFileSystemEntries(Location).Select(path => Path.GetFileName(path)!).ToList();

    public IJournalFile Create(string name, long reserve)
    {
        var path = Path.Combine(Location, name);
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            NativeDisk.Reserve(handle, reserve, path);
            return new DiskFile(handle, path);
        }
        catch
        {
            handle.Dispose();
            File.Delete(path);
            throw;
        }
    }

    public IJournalFile Open(string name, bool write)
    {
        var path = Path.Combine(Location, name);
        var access = write ? FileAccess.ReadWrite : FileAccess.Read;
        try
        {
            return new DiskFile(File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete), path);
        }
        catch (UnauthorizedAccessException exception) when (Directory.Exists(path))
        {
            throw new IOException($"{path} is a folder; the journal keeps files of that name", exception);
        }
    }

    public void Replace(string name, string newName) =>
        File.Move(Path.Combine(Location, name), Path.Combine(Location, newName), overwrite: true);

    public void Delete(string name) => File.Delete(Path.Combine(Location, name));

    public void Sync() => NativeDisk.SyncDirectory(Location);
}
