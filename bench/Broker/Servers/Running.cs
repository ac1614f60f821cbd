using System.Diagnostics;

namespace Rookery.Bench;

/// <summary>A server that runs. At its end the process and its children are gone, and so is its folder.</summary>
internal sealed class Running(Process process, string folder, Action stopped) : IDisposable
{
    private bool _stopped;

    public string Folder => folder;

    /// <summary>The last lines that it printed.</summary>
    public string LastWords => ChildProcesses.LastWords(process);

    /// <summary>Memory of the process that is not shared, in bytes.</summary>
    public long Memory
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>Processor time of the process and of those it started.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            var total = TimeSpan.Zero;
            foreach (var one in ChildProcesses.Family(process.Id))
            {
                total += one.TotalProcessorTime;
                one.Dispose();
            }

            return total;
        }
    }

    /// <summary>Processor time of the process alone, outside of the kernel.</summary>
    public TimeSpan UserTime
    {
        get
        {
            process.Refresh();
            return process.UserProcessorTime;
        }
    }

    /// <summary>Ends it as a loss of power to the process would; the folder stays.</summary>
    public void Kill()
    {
        if (!_stopped)
        {
            _stopped = true;
            ChildProcesses.Kill(process);
            stopped();
        }
    }

    public void Dispose()
    {
        Kill();
        ChildProcesses.Delete(folder);
    }
}
