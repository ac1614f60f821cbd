using System.Runtime.InteropServices;

namespace Rookery.Cluster.Host;

/// <summary>What the file system can do and the framework cannot ask for.</summary>
internal static partial class Native
{
    private const int FileExists = 17;

    /// <summary>Gives a file a second name, unless there is a file of that name (link(2)).</summary>
    public static bool Link(string file, string name)
    {
        if (link(file, name) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == FileExists ? false : throw new IOException($"{name} could not be made: {Marshal.GetPInvokeErrorMessage(error)}");
    }

#pragma warning disable SYSLIB1054 // A generated import would ask for unsafe code in this project.
    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
#pragma warning restore SYSLIB1054
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
#pragma warning disable IDE1006 // The name is the system's.
    private static extern int link(string file, string name);
#pragma warning restore IDE1006
}
