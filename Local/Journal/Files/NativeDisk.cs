using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Rookery.Local;

/// <summary>What the runtime has no call for: reserving space, syncing data alone, syncing a directory.</summary>
internal static class NativeDisk
{
    private const int ErrorDiskFullWindows = unchecked((int)0x80070070);
    private const int NoSpace = 28;
    private const int OverQuotaLinux = 122;
    private const int OverQuotaMac = 69;
    private const int TooLarge = 27;
    private const int Interrupted = 4;

    /// <summary>Whether an error of the runtime's file calls means that there is no room (ENOSPC, EDQUOT, EFBIG, ERROR_DISK_FULL).</summary>
    public static bool IsFull(IOException exception) => exception.HResult is ErrorDiskFullWindows or NoSpace or TooLarge
        || (OperatingSystem.IsLinux() && exception.HResult == OverQuotaLinux)
        || (OperatingSystem.IsMacOS() && exception.HResult == OverQuotaMac);

    /// <summary>How much room there is where a file is, as the end of a message; empty where the system does not tell.</summary>
    public static string Free(string path)
    {
        try
        {
            return $"; {new DriveInfo(Path.GetFullPath(path)).AvailableFreeSpace:N0} bytes are free there";
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "";
        }
    }

    /// <summary>Gives a new file its length and, where the system can, its blocks, so that later writes cannot lack room.</summary>
    public static void Reserve(SafeFileHandle handle, long length, string path)
    {
        if (length == 0)
        {
            return;
        }

        if (OperatingSystem.IsLinux())
        {
            var error = Retry(() => posix_fallocate(handle, 0, length));
            if (error is NoSpace or OverQuotaLinux or TooLarge)
            {
                throw new DiskFullException($"the disk is full: {length:N0} bytes were wanted for {path}{Free(path)}");
            }

            if (error == 0)
            {
                return;
            }
        }

        // Some file systems cannot reserve; then room is found when it is needed.
        RandomAccess.SetLength(handle, length);
    }

    /// <summary>Makes what was written to a file durable.</summary>
    public static void Sync(SafeFileHandle handle, string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            // fsync is not enough on macOS; the runtime uses F_FULLFSYNC there.
            RandomAccess.FlushToDisk(handle);
            return;
        }

        // Not the times of the file, which nobody needs: the length is part of the data.
        if (Retry(() => fdatasync(handle) == 0 ? 0 : Marshal.GetLastPInvokeError()) is var error and not 0)
        {
            throw Failure("sync", path, error);
        }
    }

    /// <summary>Makes the entries of a directory durable. Windows keeps them in its own journal and has no such call.</summary>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = open(Encoding.UTF8.GetBytes(path + '\0'), 0);
        if (descriptor < 0)
        {
            throw Failure("open", path, Marshal.GetLastPInvokeError());
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Retry(() => fsync(handle) == 0 ? 0 : Marshal.GetLastPInvokeError()) is var error and not 0)
        {
            throw Failure("sync", path, error);
        }
    }

    private static int Retry(Func<int> call)
    {
        int error;
        do
        {
            error = call();
        }
        while (error == Interrupted);
        return error;
    }

    private static IOException Failure(string what, string path, int error) => error is NoSpace or OverQuotaLinux
        ? new DiskFullException($"the disk is full: cannot {what} {path}{Free(path)}")
        : new IOException($"cannot {what} {path}: {Marshal.GetPInvokeErrorMessage(error)}", error);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open(byte[] path, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fsync(SafeFileHandle file);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fdatasync(SafeFileHandle file);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int posix_fallocate(SafeFileHandle file, long offset, long length);
}
