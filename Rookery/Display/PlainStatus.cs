using System.Globalization;
using System.Text;

namespace Rookery.Command;

/// <summary>The status as a line each second, for pipes and logs: words and figures that scripts can pick out.</summary>
internal sealed class PlainStatus(Action<string> write) : IStatusView
{
    public async Task ShowAsync(IAsyncEnumerable<Status> statuses, CancellationToken cancellationToken)
    {
        await foreach (var status in statuses.WithCancellation(cancellationToken))
        {
            write(Line(status));
        }
    }

    /// <summary>
    /// <c>00:00:05 in=1200/s scored=1600/s stored=1590/s repeats=10/s published=3180/s delivered=50/s waiting=320 batch=1024
    /// workers=sentiment:4,engagement:1,censor:2 crashes=12 connections=1 total=6003</c>; troubles follow. Only where there is
    /// something to say: <c>rejected=3</c>, and <c>store=paused</c> or <c>store=down</c>.
    /// </summary>
    public static string Line(Status status)
    {
        var line = new StringBuilder(200);
        line.Append(CultureInfo.InvariantCulture, $"{status.Since:hh\\:mm\\:ss}");
        if (status.Now.Tweets is { } tweets)
        {
            Rate(line, "in", status.In);
            Rate(line, "scored", status.Scored);
            if (tweets.Stored is not null)
            {
                Rate(line, "stored", status.Stored);
                Rate(line, "repeats", status.Repeats);
            }
        }

        Rate(line, "published", status.Published);
        Rate(line, "delivered", status.Delivered);
        if (status.Now.Tweets is { } more)
        {
            line.Append(CultureInfo.InvariantCulture, $" waiting={more.Waiting}");
            if (more.BatchSize is { } batch)
            {
                line.Append(CultureInfo.InvariantCulture, $" batch={batch}");
            }

            if (more.StoreState is { } state)
            {
                line.Append(" store=").Append(state);
            }

            line.Append(" workers=").AppendJoin(',', more.Workers.Select(w => string.Create(CultureInfo.InvariantCulture, $"{w.Pool}:{w.Workers}")));
            line.Append(CultureInfo.InvariantCulture, $" crashes={more.Crashes}");
            if (more.Rejected > 0)
            {
                line.Append(CultureInfo.InvariantCulture, $" rejected={more.Rejected}");
            }
        }

        line.Append(CultureInfo.InvariantCulture, $" connections={status.Now.Connections}");
        line.Append(CultureInfo.InvariantCulture, $" total={status.Now.Tweets?.In ?? status.Now.Published}");
        foreach (var trouble in status.Now.Troubles)
        {
            line.Append(" ! ").Append(trouble.ReplaceLineEndings(" "));
        }

        return line.ToString();
    }

    private static void Rate(StringBuilder line, string name, double perSecond) =>
        line.Append(CultureInfo.InvariantCulture, $" {name}={Math.Round(perSecond):0}/s");
}
