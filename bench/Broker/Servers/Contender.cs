using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Rookery.Bench;

/// <summary>A server that is measured: started by the bench on a free port of loopback, with a folder of its own.</summary>
internal abstract class Contender
{
    /// <summary>What it is called on the command line and in tables.</summary>
    public abstract string Name { get; }

    /// <summary>When a confirmed publish is safe.</summary>
    public abstract string Durability { get; }

    /// <summary>The Debian package that it comes from; null for what is built here.</summary>
    public virtual string? Package => null;

    /// <summary>Whether it is a limit, against which nobody competes.</summary>
    public virtual bool IsLimit => false;

    /// <summary>Whether one event can go to many subscribers.</summary>
    public virtual bool FansOut => true;

    /// <summary>Whether events are confirmed and acknowledged one by one, as a measurement of latency needs.</summary>
    public virtual bool HasLatency => true;

    protected int Port { get; private set; }

    protected string Folder { get; private set; } = "";

    /// <summary>Where the program is; null where it is not installed.</summary>
    public abstract string? Find();

    /// <summary>The version, for the table.</summary>
    public abstract string Version();

    /// <summary>Starts it and waits until it accepts connections.</summary>
    /// <exception cref="InvalidOperationException">It did not within a minute, or ended.</exception>
    public Running Start()
    {
        Folder = ChildProcesses.NewFolder();
        return StartIn(Folder);
    }

    /// <summary>Starts it where it ran before.</summary>
    public Running StartIn(string folder)
    {
        (Folder, Port) = (folder, FreePort());
        var process = ChildProcesses.Start(Command());
        var running = new Running(process, folder, Stopped);
        try
        {
            WaitUntilReady(process);
            return running;
        }
        catch
        {
            running.Dispose();
            throw;
        }
    }

    /// <summary>What a round needs on the server before its clients come.</summary>
    public virtual void Prepare(string topic, int subscribers)
    {
    }

    public abstract Publisher Publisher(string topic);

    /// <summary>A subscriber that gets every event of the topic from the first on.</summary>
    public abstract Subscriber Subscriber(string topic, int index);

    /// <summary>Lets go of what a round left on the server.</summary>
    public virtual void CleanUp(string topic, int subscribers)
    {
    }

    protected abstract ProcessStartInfo Command();

    protected virtual void Stopped()
    {
    }

    protected virtual void TryReady() => ByteChannel.Connect(Port).Dispose();

    /// <summary>Looks where Debian puts servers, which is not on everybody's path.</summary>
    protected static string? Which(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Concat(["/usr/sbin", "/usr/local/sbin", "/usr/lib/rabbitmq/bin"])
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);

    protected static string Output(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var text = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        return text.Trim();
    }

    protected static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void WaitUntilReady(Process process)
    {
        for (var begin = Stopwatch.GetTimestamp(); ; Thread.Sleep(10))
        {
            try
            {
                TryReady();
                return;
            }
            catch (Exception error) when (error is SocketException or EndOfStreamException)
            {
                if (process.HasExited || Stopwatch.GetElapsedTime(begin) > TimeSpan.FromMinutes(1))
                {
                    throw new InvalidOperationException($"{Name} did not start: {ChildProcesses.LastWords(process)}");
                }
            }
        }
    }
}
