using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Rookery.Command;

/// <summary>One <c>rookery run</c>, from its start to its last line.</summary>
internal static class RunSession
{
    /// <summary>Bytes of journal that take a second or so to read: whoever waits is told what for.</summary>
    private const long LongJournal = 128 << 20;

    public static async Task<int> RunAsync(RunSettings settings, Surroundings around)
    {
        if (!settings.Access.HasTls)
        {
            NativeMemory.Share();
        }

        using var interruption = around.Interruptions();
        var tail = new LogTail();
        var live = around.IsLive;
        using var logs = new LineLogger(line => Log(line, live, tail, around.Error), settings.Verbose, settings.JsonLogs);
        if (await StartAsync(settings, logs, interruption, around) is not { } started)
        {
            return ExitCode.Ok;
        }

        await using var host = started;
        foreach (var warning in settings.Access.Warnings(settings.Host))
        {
            if (live)
            {
                around.Error.WriteLine($"rookery: {warning}");
                tail.Add(warning);
            }
            else
            {
                logs.Warn(warning);
            }
        }

        foreach (var line in host.Describe())
        {
            around.Out.WriteLine(line);
        }

        around.Out.Flush();
        var watched = await ShowAsync(host, settings, View(live, tail, around), interruption);
        live = false;
        return await StopAsync(host, settings, watched ? around.Out : TextWriter.Null, interruption);
    }

    /// <returns>Null where somebody wanted it to stop before all of it ran.</returns>
    private static async Task<RunHost?> StartAsync(RunSettings settings, LineLogger logs, Interruption interruption, Surroundings around)
    {
        if (DataFolder.JournalBytes(settings.Data) is > LongJournal and var bytes)
        {
            around.Out.WriteLine($"reading the journal, {bytes >> 20:N0} MiB");
            around.Out.Flush();
        }

        try
        {
            return await RunHost.StartAsync(settings, logs, interruption.Asked);
        }
        catch (OperationCanceledException) when (interruption.Asked.IsCancellationRequested)
        {
            around.Out.WriteLine("stopped before everything ran");
            around.Out.Flush();
            return null;
        }
    }

    private static void Log(string line, bool live, LogTail tail, TextWriter error)
    {
        if (live)
        {
            tail.Add(line);
        }
        else
        {
            error.WriteLine(line);
        }
    }

    private static IStatusView View(bool live, LogTail tail, Surroundings around) => live
        ? new LiveStatus(AnsiConsole.Create(new AnsiConsoleSettings { ColorSystem = around.HasColour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors }), tail)
        : new PlainStatus(around.Out);

    /// <returns>False where nobody reads the output any more.</returns>
    private static async Task<bool> ShowAsync(RunHost host, RunSettings settings, IStatusView view, Interruption interruption)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(interruption.Asked);
        var showing = view.ShowAsync(StatusSource.WatchAsync(host.TakeAsync, TimeProvider.System, end.Token), CancellationToken.None);
        await Task.WhenAny(showing, Waiting.UntilAsync(settings.Duration, end.Token));
        await end.CancelAsync();
        try
        {
            await showing;
            return true;
        }
        catch (IOException closed) when (Surroundings.IsClosedOutput(closed))
        {
            return false;
        }
    }

    private static async Task<int> StopAsync(RunHost host, RunSettings settings, TextWriter output, Interruption interruption)
    {
        output.WriteLine("stopping: finishing what is under way (Ctrl-C again, half a second later or more, to stop at once)");
        output.Flush();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(interruption.Insisted);
        deadline.CancelAfter(settings.Drain);
        var lost = await host.StopAsync(deadline.Token);
        var last = await host.TakeAsync();
        output.WriteLine(Farewell(last, lost));
        if (interruption.Insisted.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }

        return lost > 0
            ? throw new FailureException($"{lost} records could not be stored within --drain {settings.Drain.TotalSeconds:0.###}s and are lost{Why(last)}")
            : ExitCode.Ok;
    }

    private static string Why(StatusFigures last) => last.Troubles is [var first, ..] ? $"; {first}" : "";

    /// <summary>
    /// The sums: read + inside them = scored (+ given up); scored = stored + repeats (+ what the store rejected, which is part
    /// of the rejected).
    /// </summary>
    internal static string Farewell(StatusFigures last, long lost)
    {
        var line = new StringBuilder("stopped: ");
        if (last.Tweets is { } t)
        {
            line.Append(CultureInfo.InvariantCulture, $"read {t.In} and {t.Records - t.In} inside them, scored {t.Scored}, ");
            if (t.Stored is { } stored)
            {
                line.Append(CultureInfo.InvariantCulture, $"stored {stored} + {t.Repeats} repeats, ");
            }

            if (t.Rejected > 0)
            {
                line.Append(CultureInfo.InvariantCulture, $"rejected {t.Rejected}, ");
            }
        }

        line.Append(CultureInfo.InvariantCulture, $"published {last.Published}, delivered {last.Delivered}");
        if (lost > 0)
        {
            line.Append(CultureInfo.InvariantCulture, $"; {lost} records were given up unstored");
        }

        return line.ToString();
    }
}
