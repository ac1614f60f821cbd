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
    public static FailureException Failure(Exception failed) =>
        new($"{failed.Message.TrimEnd('.')}. {(failed is NewerFormatException ? "Use that version, or" : "Choose")} another folder with --data DIR", failed);
}
