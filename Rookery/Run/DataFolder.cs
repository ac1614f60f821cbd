using Rookery.Local;

namespace Rookery.Command;

internal static class DataFolder
{
    /// <summary>What is wrong with the folder, and what to do about it.</summary>
    public static FailureException Failure(Exception failed) =>
        new($"{failed.Message.TrimEnd('.')}. {(failed is NewerFormatException ? "Use that version, or" : "Choose")} another folder with --data DIR", failed);
}
