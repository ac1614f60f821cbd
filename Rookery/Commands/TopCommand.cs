using System.CommandLine;
using System.Text;

namespace Rookery.Command;

/// <summary><c>rookery top</c>: how a run is, on a terminal, each second anew.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    // How long a key or a new size of the terminal may wait.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    // Of a picture that no terminal shows.
    private const int PlainWidth = 80;

    private static readonly Setting<Uri?> Url = Settings.Make<Uri?>(
        "--url",
        "Where the page of the run is",
        new Uri("http://127.0.0.1:8088/"),
        text => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https") ? url : throw new FormatException("an http or https address, such as http://127.0.0.1:8088/"),
        "URL").Client("client-url");

    private static readonly Setting<bool> Once = Settings.Flag("--once", "Print one picture and end, as where the output is no terminal");
    private static readonly Setting<bool> Json = Settings.Flag("--json", "Print a line of JSON and end: status and topics, as /api/status and /api/topics tell them (docs/HTTP.md)");

    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command(
            "top", "Show live how a run is: rates, pools, store, hashtags, topics with their backlog and dead letters; q quits, other keys sort; needs the right to administer *, where there are tokens")
        {
            Url, Once, Json,
        };
        BrokerSettings.AddAccessTo(command);
        command.SetAction((parsed, _) => RunAsync(parsed, around));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Surroundings around)
    {
        using var interruption = around.Interruptions();
        using var source = new TopSource(parsed.GetValue(Url)!, BrokerSettings.ReadToken(parsed, around), BrokerSettings.ReadTls(parsed));
        try
        {
            if (parsed.GetValue(Json))
            {
                var (status, topics) = await source.TakeTextAsync(interruption.Asked);
                around.Out.WriteLine($"{{\"status\":{Encoding.UTF8.GetString(status)},\"topics\":{Encoding.UTF8.GetString(topics)}}}");
            }
            else if (!around.IsLive || parsed.GetValue(Once))
            {
                await PrintAsync(source, around, interruption.Asked);
            }
            else
            {
                await WatchAsync(source, around, interruption.Asked);
            }

            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (interruption.WasAsked && around.IsLive && !parsed.GetValue(Json) && !parsed.GetValue(Once))
        {
            // There is no other end of what has none.
            return ExitCode.Ok;
        }
    }

    private static async Task PrintAsync(TopSource source, Surroundings around, CancellationToken stop)
    {
        var view = new TopView();
        view.Add(await source.TakeAsync(stop));
        await Task.Delay(Pace, stop);
        view.Add(await source.TakeAsync(stop));
        foreach (var line in view.Draw(around.IsLive ? around.Size().Width : PlainWidth, int.MaxValue, keys: false))
        {
            around.Out.WriteLine(around.HasColour ? line.Coloured() : line.ToString());
        }
    }

    private static async Task WatchAsync(TopSource source, Surroundings around, CancellationToken stop)
    {
        var view = new TopView();
        view.Add(await source.TakeAsync(stop));
        using var screen = new TopScreen(around);
        var size = (Width: 0, Height: 0);
        var asked = TimeProvider.System.GetTimestamp();
        Task<TopFigures>? asking = null;
        while (true)
        {
            var changed = false;
            while (around.Key() is { } key)
            {
                if (key is 'q' or 'Q' or '\u0003' or '\u001b')
                {
                    return;
                }

                if (OrderOf(key) is { } order)
                {
                    (view.Order, changed) = (order, true);
                }
            }

            if (asking is null && TimeProvider.System.GetElapsedTime(asked) >= Pace)
            {
                asked = TimeProvider.System.GetTimestamp();
                asking = source.TakeAsync(stop);
            }

            if (asking is { IsCompleted: true })
            {
                await TakeAsync(view, asking);
                (asking, changed) = (null, true);
            }

            if (changed || around.Size() != size)
            {
                size = around.Size();
                screen.Show(view.Draw(size.Width, size.Height));
            }

            await Task.Delay(Look, stop);
        }
    }

    // A run that went away may come back: the last picture stays, with what is wrong.
    private static async Task TakeAsync(TopView view, Task<TopFigures> asking)
    {
        try
        {
            view.Add(await asking);
        }
        catch (FailureException gone)
        {
            view.Trouble = gone.Message;
        }
    }

    private static TopOrder? OrderOf(char key) => char.ToLowerInvariant(key) switch
    {
        'n' => TopOrder.Name,
        'p' => TopOrder.Published,
        'b' => TopOrder.Backlog,
        'f' => TopOrder.InFlight,
        'r' => TopOrder.Redelivered,
        'd' => TopOrder.Dead,
        _ => null,
    };
}
