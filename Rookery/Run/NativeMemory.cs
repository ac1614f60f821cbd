using System.Runtime.InteropServices;

namespace Rookery.Command;

/// <summary>Memory that libraries took and freed, which the C library keeps: SQLite's pages, above all.</summary>
internal static class NativeMemory
{
    // As <malloc.h> of glibc numbers them.
    private const int ArenaMax = -8;

    /// <summary>
    /// Has all threads take it from one place. Each would keep a place of its own otherwise, though few take any: one writes to SQLite, a few
    /// read, and one compiles. Not for TLS, which takes it on every thread.
    /// </summary>
    public static void Share() => Try(static () => mallopt(ArenaMax, 1));

    /// <summary>Gives it back to the system.</summary>
    public static void Trim() => Try(static () => malloc_trim(0));

    /// <summary>Does something that glibc can; other C libraries have their own ways.</summary>
    private static void Try(Func<int> act)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = act();
        }
        catch (EntryPointNotFoundException)
        {
            // Not this one.
        }
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int mallopt(int parameter, int value);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int malloc_trim(nint pad);
}
