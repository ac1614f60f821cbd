namespace Rookery.Local;

/// <summary>Another process has the data folder open. Nothing was changed.</summary>
public sealed class FolderInUseException : IOException
{
    /// <summary>Creates it for a folder and the file in it that is locked.</summary>
    public FolderInUseException(string folder, string lockFile, Exception innerException)
        : base($"the data folder {folder} is in use by another process (its file \"{Path.GetFileName(lockFile)}\" is locked)", innerException) =>
        (Folder, LockFile) = (folder, lockFile);

    /// <summary>Creates it with a message, and its cause.</summary>
    public FolderInUseException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>Creates it with a message.</summary>
    public FolderInUseException(string message) : base(message)
    {
    }

    /// <summary>Creates it.</summary>
    public FolderInUseException() : base("the data folder is in use by another process")
    {
    }

    /// <summary>The folder; empty where that is not known.</summary>
    public string Folder { get; } = "";

    /// <summary>The file in it that the other process holds; empty where that is not known.</summary>
    public string LockFile { get; } = "";
}
