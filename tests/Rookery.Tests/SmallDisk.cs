using System.Diagnostics;
using System.Globalization;

namespace Rookery.Command.Tests;

/// <summary>
/// A disk that is soon full, and can be given room: a small file system of its own where the system lets us mount one, seen
/// by one process alone and gone with it; else a bound on the size of every file of that process.
/// </summary>
internal sealed class SmallDisk(string folder)
{
    private const string Filler = "filler";

    private readonly bool _mounted = Run("unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", folder) == 0;

    /// <summary>What the process is to be started under.</summary>
    public string[] Program => _mounted
        ? ["unshare", "-m", "sh", "-c", $"mount -t tmpfs -o size=106m tmpfs \"$0\" && head -c 104857600 /dev/zero > \"$0/{Filler}\" && exec \"$@\"", folder]
        : ["sh", "-c", "trap '' XFSZ; ulimit -S -f 4096; DOTNET_EnableWriteXorExecute=0 exec \"$@\"", "sh"];

    /// <summary>How the store and the journal name it.</summary>
    public string[] StoreSays => _mounted ? ["the disk is full"] : ["the disk is full", "(ulimit -f)"];

    public void MakeRoom(int process)
    {
        var id = process.ToString(CultureInfo.InvariantCulture);
        if (_mounted)
        {
            File.Delete($"/proc/{id}/root{folder}/{Filler}");
        }
        else
        {
            Assert.Equal(0, Run("prlimit", "--pid", id, "--fsize=unlimited"));
        }
    }

    private static int Run(string program, params string[] args)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
