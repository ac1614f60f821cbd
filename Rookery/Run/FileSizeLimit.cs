using System.Runtime.InteropServices;

namespace Rookery.Command;

/// <summary>
/// A limit on the size of files (<c>ulimit -f</c>). Its signal ends a process without a word; ignored, the write that went
/// too far fails with EFBIG, which is told like a full disk.
/// </summary>
internal static class FileSizeLimit
{
    /// <summary>SIGXFSZ on Linux and macOS. The runtime's own registration of signals does not know it.</summary>
    private const int Exceeded = 25;

    private const nint Ignore = 1;

    /// <summary>Has writes beyond the limit fail from now on.</summary>
    public static void Report()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
        {
            _ = signal(Exceeded, Ignore);
        }
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint signal(int number, nint handler);
}
