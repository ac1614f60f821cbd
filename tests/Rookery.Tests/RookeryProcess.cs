using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Rookery.Command.Tests;

/// <summary>The built command as a process of its own.</summary>
internal sealed class RookeryProcess : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Found)> _watches = [];
    private readonly Task _reading;

    private RookeryProcess(Process process)
    {
        (_process, Id) = (process, process.Id);
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, _out), ReadAsync(process.StandardError, _error));
    }

    public int Id { get; }

    public string Out => Text(_out);

    public string Error => Text(_error);

    /// <summary>Processor time it took so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static RookeryProcess Start(params string[] args) => StartUnder([], args);

    /// <summary>Starts it as the last arguments of another program, which must become it in its turn.</summary>
    public static RookeryProcess StartUnder(IReadOnlyList<string> program, params string[] args) => Start(program, "rookery.dll", [], args);

    /// <summary>Starts another program that was built beside the test, with variables of its own.</summary>
    public static RookeryProcess Start(IReadOnlyList<string> program, string assembly, Dictionary<string, string> environment, params string[] args)
    {
        var dotnet = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";
        string[] line = [.. program, dotnet, Path.Combine(AppContext.BaseDirectory, assembly), .. args];
        var start = new ProcessStartInfo(line[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // Whoever does not say another one gets a free port: several run at once, beside what the machine runs anyway.
        start.Environment.TryAdd("ROOKERY_HTTP_PORT", "0");
        foreach (var word in line.AsSpan(1))
        {
            start.ArgumentList.Add(word);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new RookeryProcess(Process.Start(start)!);
    }

    /// <summary>The first line, of output or error, that is wanted.</summary>
    public Task<string> LineAsync(Func<string, bool> wanted)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_watches)
        {
            if ((Out + Error).Split('\n').FirstOrDefault(l => wanted(l.TrimEnd('\r'))) is { Length: > 0 } line)
            {
                return Task.FromResult(line);
            }

            _watches.Add((wanted, found));
        }

        return found.Task.WaitAsync(Deadline);
    }

    /// <summary>The port that a line such as <c>broker on 127.0.0.1:1234 (...)</c> tells.</summary>
    public async Task<int> PortAsync(string start)
    {
        var line = await LineAsync(l => l.StartsWith(start, StringComparison.Ordinal));
        var address = line[start.Length..].Split(' ')[0].TrimEnd('/');
        return int.Parse(address[(address.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>Sends a signal, as the shell's kill does: INT, TERM, KILL.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync().WaitAsync(Deadline);
    }

    /// <summary>Reads no more of what it says.</summary>
    public void CloseOutput() => _process.StandardOutput.BaseStream.Dispose();

    /// <summary>Waits for its end alone, not for all it said.</summary>
    public async Task<int> CodeAsync()
    {
        // Process.WaitForExitAsync would wait for the closed output as well.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => ended.TrySetResult();
        if (!_process.HasExited)
        {
            await ended.Task.WaitAsync(Deadline);
        }

        return _process.ExitCode;
    }

    /// <summary>Completes when it has ended, whenever that may be, and all it said was read.</summary>
    public async Task EndedAsync()
    {
        await _process.WaitForExitAsync();
        await _reading;
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Deadline);
        await _reading.WaitAsync(Deadline);
        return _process.ExitCode;
    }

    /// <summary>Waits for its end, which must be a good one.</summary>
    public async Task SucceedAsync()
    {
        var code = await ExitAsync();
        Assert.True(code == 0, $"exit code {code}\n{Out}\n{Error}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    private static async Task<string?> NextAsync(StreamReader reader)
    {
        try
        {
            return await reader.ReadLineAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            return null;
        }
    }

    private async Task ReadAsync(StreamReader reader, StringBuilder text)
    {
        while (await NextAsync(reader) is { } line)
        {
            lock (_watches)
            {
                lock (text)
                {
                    text.Append(line).Append('\n');
                }

                _watches.Where(w => w.Wanted(line)).ToList().ForEach(w => w.Found.TrySetResult(line));
            }
        }
    }
}
