using Rookery.Local;

namespace Rookery.Command;

internal static class DataFolder
{
    /// <summary>Bytes of the journal's segments in a data folder, reserved space included; 0 where there is none, or it cannot be looked at.</summary>
    public static long JournalBytes(string path)
    {
        try
        {
            return new DirectoryInfo(Path.Combine(path, "journal")).EnumerateFiles("*.segment").Sum(file => file.Length);
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            // Whoever opens it says what is wrong.
            return 0;
        }
    }

    /// <summary>What is wrong with the folder, and what to do about it.</summary>
    public static FailureException Failure(Exception failed) => failed switch
    {
        FolderInUseException inUse when Owners.OfFile(inUse.LockFile) is { } owner =>
            new($"the data folder {inUse.Folder} is in use by {owner}. Stop that, or choose another folder with --data DIR", failed),
        NewerFormatException => new($"{failed.Message.TrimEnd('.')}. Use that version, or another folder with --data DIR", failed),
        _ => new($"{failed.Message.TrimEnd('.')}. Choose another folder with --data DIR", failed),
    };
}
