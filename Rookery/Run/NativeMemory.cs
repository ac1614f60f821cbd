using System.Runtime.InteropServices;

namespace Rookery.Command;

/// <summary>Memory that libraries took and freed, which the C library keeps: SQLite's pages, above all.</summary>
internal static class NativeMemory
{
    /// <summary>Gives it back to the system, where the C library can (glibc).</summary>
    public static void Trim()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, which has its own ways.
        }
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int malloc_trim(nint pad);
}
