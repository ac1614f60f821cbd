using System.Globalization;
using System.Text;

namespace Rookery.Command;

/// <summary>Who listens on a TCP port of this machine, or has a file open, where the system tells: Linux does, of one's own processes.</summary>
internal static class Owners
{
    private const string Listening = "0A";

    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary><c>nginx (process 1234: nginx -g daemon off)</c>; null where it cannot be known.</summary>
    public static string? OfPort(int port) => Of(() =>
    {
        var sockets = Tables.Where(File.Exists).SelectMany(File.ReadLines).Select(l => InodeOf(l, port)).OfType<string>().Select(i => $"socket:[{i}]").ToHashSet();
        return file => sockets.Contains(file.Name);
    });

    /// <summary>The same of who has a file open.</summary>
    /// <param name="path">Its path.</param>
    public static string? OfFile(string path) => Of(() =>
    {
        var real = WithoutLinks(path);
        return file => file.FullName == real;
    });

    private static string? Of(Func<Func<FileSystemInfo, bool>> wanted)
    {
        try
        {
            if (!Directory.Exists("/proc/self/fd"))
            {
                return null;
            }

            // A program that starts another shares its files with it for a moment: the older one has them.
            var isWanted = wanted();
            var owner = Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])).Where(d => Holds(d, isWanted)).MinBy(StartOf);
            return owner is null ? null : Describe(owner);
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // As the system names what it has open: a folder on the way to it may be a link.
    private static string WithoutLinks(string path)
    {
        var parts = Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts.Aggregate("/", (folder, part) =>
        {
            var next = Path.Combine(folder, part);
            return File.ResolveLinkTarget(next, returnFinalTarget: true) is { } target ? WithoutLinks(target.FullName) : next;
        });
    }

    // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode; the port is hexadecimal.
    private static string? InodeOf(string line, int port)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 9 && fields[3] == Listening && fields[1].EndsWith(string.Create(CultureInfo.InvariantCulture, $":{port:X4}"), StringComparison.Ordinal) ? fields[9] : null;
    }

    private static bool Holds(string process, Func<FileSystemInfo, bool> isWanted)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(process, "fd")).Any(f => Target(f) is { } target && isWanted(target));
        }
        catch (Exception notOurs) when (notOurs is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Null: it was closed meanwhile.
    private static FileSystemInfo? Target(string link)
    {
        try
        {
            return File.ResolveLinkTarget(link, returnFinalTarget: false);
        }
        catch (IOException)
        {
            return null;
        }
    }

    // The 22nd field, in ticks since the machine started; the second, a name in brackets, may hold anything.
    private static long StartOf(string process)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(process, "stat"));
            return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return long.MaxValue;
        }
    }

    private static string Describe(string process)
    {
        var name = File.ReadAllText(Path.Combine(process, "comm")).Trim();
        var line = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(process, "cmdline"))).Replace('\0', ' ').Trim();
        return $"{EventLine.Plain(name, 40)} (process {Path.GetFileName(process)}: {EventLine.Plain(line, 80)})";
    }
}
