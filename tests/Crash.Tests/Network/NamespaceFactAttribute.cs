using System.ComponentModel;
using System.Diagnostics;

namespace Rookery.Crash.Tests;

/// <summary>A test that needs a network of its own; where none can be had it is counted as skipped, and says why.</summary>
internal sealed class NamespaceFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> IsPossible = new(Try);

    public NamespaceFactAttribute()
    {
        if (!IsPossible.Value)
        {
            Skip = "no network namespace can be had (unshare of util-linux, ip of iproute2, bash, and a kernel that allows it); no peer vanishes";
        }
    }

    private static bool Try()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("unshare", ["-rn", "bash", "-c", "ip link set lo up"]) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
