using System.Globalization;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Rookery.Local;

/// <summary>
/// The limit of this process on the size of files (<c>ulimit -f</c>). SQLite calls it an error of the disk, and does not say which
/// error of the system it ran into: whether it is that is seen from the files.
/// </summary>
internal static class FileSizeLimit
{
    // RLIMIT_FSIZE, on Linux and macOS.
    private const int FileSize = 1;

    // A write that crosses the limit is done up to it, so the file has it but for what did not begin.
    private const long NearBytes = 64 * 1024;

    private static readonly string[] Endings = ["", "-wal", "-journal"];

    /// <summary>The reason of a write that failed, where it is the limit; null: it is not.</summary>
    /// <param name="path">The database.</param>
    /// <param name="code">What SQLite answered.</param>
    public static string? Reason(string path, int code) => code == raw.SQLITE_IOERR_WRITE && Bytes() is { } limit ? Reason(path, limit) : null;

    /// <param name="path">The database.</param>
    /// <param name="limit">The limit in bytes.</param>
    internal static string? Reason(string path, long limit) =>
        Endings.Select(ending => new FileInfo(path + ending)).FirstOrDefault(file => file.Exists && file.Length >= limit - NearBytes) is { } full
            ? string.Create(CultureInfo.InvariantCulture, $"has no room left: {full.Name} has reached the limit of this process on the size of files, {limit:N0} bytes (ulimit -f)")
            : null;

    /// <returns>Null where there is none, or the system does not tell.</returns>
    private static long? Bytes() =>
        (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()) && Environment.Is64BitProcess
            && getrlimit(FileSize, out var limit) == 0 && limit.Soft < long.MaxValue
            ? (long)limit.Soft
            : null;

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int getrlimit(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
