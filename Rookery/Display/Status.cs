namespace Rookery.Command;

/// <summary>Figures now, and how fast they grew since those before.</summary>
/// <param name="Now">The figures.</param>
/// <param name="Before">The figures before.</param>
/// <param name="Between">Time between the two.</param>
/// <param name="Since">Time since the start.</param>
internal sealed record Status(StatusFigures Now, StatusFigures Before, TimeSpan Between, TimeSpan Since)
{
    public double In => Rate(f => f.Tweets?.In);

    public double Scored => Rate(f => f.Tweets?.Scored);

    public double Stored => Rate(f => f.Tweets?.Stored);

    public double Repeats => Rate(f => f.Tweets?.Repeats);

    public double Published => Rate(f => f.Published);

    public double Delivered => Rate(f => f.Delivered);

    private double Rate(Func<StatusFigures, long?> figure) =>
        Between > TimeSpan.Zero ? ((figure(Now) ?? 0) - (figure(Before) ?? 0)) / Between.TotalSeconds : 0;
}

/// <summary>Somewhere the status is shown.</summary>
internal interface IStatusView
{
    /// <summary>Shows it until cancelled.</summary>
    Task ShowAsync(IAsyncEnumerable<Status> statuses, CancellationToken cancellationToken);
}
