using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rookery.Bench;

/// <summary>The device alone: a write and its sync, in space that the file has already.</summary>
internal sealed record Device(int Bytes, double P50, double P99, double MegabytesPerSecond)
{
    private const int FileBytes = 64 << 20;

    public static Device Measure(int bytes, TimeSpan duration)
    {
        var folder = ChildProcesses.NewFolder();
        try
        {
            using var file = File.OpenHandle(Path.Combine(folder, "device"), FileMode.Create, FileAccess.ReadWrite, preallocationSize: FileBytes);
            var (data, times, at) = (new byte[bytes], new List<double>(), 0L);
            Random.Shared.NextBytes(data);
            for (var begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < duration;)
            {
                var one = Stopwatch.GetTimestamp();
                RandomAccess.Write(file, data, at);
                Sync(file);
                times.Add(Stopwatch.GetElapsedTime(one).TotalMicroseconds);
                at = at + (2 * bytes) > FileBytes ? 0 : at + bytes;
            }

            var mean = times.Average();
            times.Sort();
            return new Device(bytes, times[times.Count / 2], times[(int)(times.Count * 0.99)], bytes / mean);
        }
        finally
        {
            ChildProcesses.Delete(folder);
        }
    }

    /// <summary>Makes what was written durable, without the file's times.</summary>
    public static void Sync(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
        }
        else if (fdatasync(file) != 0)
        {
            throw new IOException($"fdatasync failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
#pragma warning disable SYSLIB1054 // A generated import would need unsafe code for one call.
    private static extern int fdatasync(SafeHandle file);
#pragma warning restore SYSLIB1054
}
