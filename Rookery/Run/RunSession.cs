using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Rookery.Command;

/// <summary>One <c>rookery run</c>, from its start to its last line.</summary>
internal static class RunSession
{
    public static async Task<int> RunAsync(RunSettings settings, Surroundings around)
    {
        if (!settings.Access.HasTls)
        {
            NativeMemory.Share();
        }

        using var interruption = around.Interruptions();
        var output = new LineOutput(around.Out, "out");
        var errors = new LineOutput(around.Error, "error");
        try
        {
            return await RunAsync(settings, around, output, errors, interruption);
        }
        finally
        {
            await Task.WhenAll(output.EndAsync(), errors.EndAsync());
            around.IsOutputStuck = output.IsStuck;
        }
    }

    private static async Task<int> RunAsync(RunSettings settings, Surroundings around, LineOutput output, LineOutput errors, Interruption interruption)
    {
        var tail = new LogTail();
        var live = around.IsLive;
        using var logs = new LineLogger(line => Log(line, Volatile.Read(ref live), tail, errors), settings.Verbose, settings.JsonLogs);
        if (await StartAsync(settings, logs, interruption, output) is not { } started)
        {
            return ExitCode.Ok;
        }

        await using var host = started;
        foreach (var warning in settings.Access.Warnings(settings.Host))
        {
            if (live)
            {
                errors.Write($"rookery: {warning}");
                tail.Add(warning);
            }
            else
            {
                logs.Warn(warning);
            }
        }

        foreach (var line in host.Describe())
        {
            output.Write(line);
        }

        if (live)
        {
            // Nothing may be written into what is drawn.
            await Task.WhenAll(output.FlushAsync(), errors.FlushAsync());
        }

        await ShowAsync(host, settings, View(live, tail, around, output), interruption, failed =>
        {
            Volatile.Write(ref live, false);
            logs.Warn($"the status cannot be shown any more: {failed.Message}");
        });
        Volatile.Write(ref live, false);
        return await StopAsync(host, settings, output, errors, interruption);
    }

    /// <returns>Null where somebody wanted it to stop before all of it ran.</returns>
    private static async Task<RunHost?> StartAsync(RunSettings settings, LineLogger logs, Interruption interruption, LineOutput output)
    {
        try
        {
            return await RunHost.StartAsync(settings, logs, output.Write, interruption.Asked);
        }
        catch (OperationCanceledException) when (interruption.Asked.IsCancellationRequested)
        {
            output.Write("stopped before everything ran");
            return null;
        }
    }

    private static void Log(string line, bool live, LogTail tail, LineOutput errors)
    {
        if (live)
        {
            tail.Add(line);
        }
        else
        {
            errors.Write(line);
        }
    }

    private static IStatusView View(bool live, LogTail tail, Surroundings around, LineOutput output) => live
        ? new LiveStatus(AnsiConsole.Create(new AnsiConsoleSettings { ColorSystem = around.HasColour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors }), tail)
        : new PlainStatus(output.Write);

    /// <summary>Shows the status until it is time to stop; whether anybody reads it, or it can be shown at all, changes nothing.</summary>
    private static async Task ShowAsync(RunHost host, RunSettings settings, IStatusView view, Interruption interruption, Action<Exception> fail)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(interruption.Asked);
        var showing = ShowAsync(view, StatusSource.WatchAsync(host.TakeAsync, TimeProvider.System, end.Token), fail);
        await Waiting.UntilAsync(settings.Duration, end.Token);
        await end.CancelAsync();

        // A terminal that was told to hold on takes nothing, for as long as it likes.
        await Task.WhenAny(showing, Task.Delay(LineOutput.Patience));
    }

    private static async Task ShowAsync(IStatusView view, IAsyncEnumerable<Status> statuses, Action<Exception> fail)
    {
        try
        {
            await view.ShowAsync(statuses, CancellationToken.None);
        }
        catch (Exception failed)
        {
            fail(failed);
        }
    }

    private static async Task<int> StopAsync(RunHost host, RunSettings settings, LineOutput output, LineOutput errors, Interruption interruption)
    {
        output.Write("stopping: finishing what is under way (Ctrl-C again, half a second later or more, to stop at once)");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(interruption.Insisted);
        deadline.CancelAfter(settings.Drain);
        var lost = await host.StopAsync(deadline.Token);
        var last = await host.TakeAsync();
        output.Write(Farewell(last, lost));
        if (interruption.Insisted.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }

        if (lost > 0)
        {
            errors.Write($"rookery: {Counted.Of(lost, "record")} could not be stored within --drain {settings.Drain.TotalSeconds:0.###}s and {(lost == 1 ? "is" : "are")} lost{Why(last)}");
            return ExitCode.Failed;
        }

        return ExitCode.Ok;
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
            line.Append(CultureInfo.InvariantCulture, $"; {Counted.Of(lost, "record")} {(lost == 1 ? "was" : "were")} given up unstored");
        }

        return line.ToString();
    }
}
