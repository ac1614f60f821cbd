using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Rookery.Bench;

/// <summary>The processes that the bench started, none of which outlives it, however it ends.</summary>
internal static class ChildProcesses
{
    private static readonly ConcurrentDictionary<Process, ConcurrentQueue<string>> Open = new();
    private static readonly ConcurrentDictionary<string, byte> Folders = new();
    private static readonly List<PosixSignalRegistration> Signals = [];

    /// <summary>Ends them when the bench is told to end.</summary>
    public static void EndWithThisProcess()
    {
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP })
        {
            Signals.Add(PosixSignalRegistration.Create(signal, _ =>
            {
                EndAll();
                Environment.Exit(130);
            }));
        }

        AppDomain.CurrentDomain.ProcessExit += (_, _) => EndAll();
    }

    public static Process Start(ProcessStartInfo info)
    {
        info.RedirectStandardInput = true;
        info.RedirectStandardOutput = true;
        info.RedirectStandardError = true;
        var process = Process.Start(info)!;
        var words = new ConcurrentQueue<string>();
        Open[process] = words;
        process.OutputDataReceived += (_, line) => Note(words, line.Data);
        process.ErrorDataReceived += (_, line) => Note(words, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    public static string LastWords(Process process) => Open.TryGetValue(process, out var words) ? string.Join(" | ", words) : "";

    public static void Kill(Process process)
    {
        Open.TryRemove(process, out _);
        try
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(10_000);
        }
        catch (InvalidOperationException)
        {
            // It had ended.
        }
    }

    public static string NewFolder()
    {
        var folder = Directory.CreateTempSubdirectory("rookery-bench-").FullName;
        Folders[folder] = 0;
        return folder;
    }

    public static void Delete(string folder)
    {
        Folders.TryRemove(folder, out _);
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Deleted already.
        }
    }

    /// <summary>A process and its descendants; on other systems than Linux, the process alone.</summary>
    public static IEnumerable<Process> Family(int id)
    {
        var members = new HashSet<int> { id };
        if (OperatingSystem.IsLinux())
        {
            // A child's number may be lower than its parent's, but rarely twice in a line.
            for (var pass = 0; pass < 3; pass++)
            {
                members.UnionWith(Children(members));
            }
        }

        return members.Select(TryGet).OfType<Process>();
    }

    private static List<int> Children(HashSet<int> parents)
    {
        var children = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsDigit(folder[6])))
        {
            try
            {
                // <id> (<name>) <state> <parent> ...
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                if (parents.Contains(int.Parse(stat[(stat.LastIndexOf(')') + 4)..].Split(' ')[0], CultureInfo.InvariantCulture)))
                {
                    children.Add(int.Parse(folder[6..], CultureInfo.InvariantCulture));
                }
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return children;
    }

    private static Process? TryGet(int id)
    {
        try
        {
            return Process.GetProcessById(id);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static void EndAll()
    {
        foreach (var process in Open.Keys)
        {
            Kill(process);
        }

        foreach (var folder in Folders.Keys)
        {
            Delete(folder);
        }
    }

    private static void Note(ConcurrentQueue<string> words, string? line)
    {
        if (line is not null)
        {
            words.Enqueue(line);
            if (words.Count > 5)
            {
                words.TryDequeue(out _);
            }
        }
    }
}
