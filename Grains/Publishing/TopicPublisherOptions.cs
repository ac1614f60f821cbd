using Rookery.Broker;

namespace Rookery.Grains;

/// <summary>How long the cluster's own parts try to publish.</summary>
public sealed record TopicPublisherOptions
{
    /// <summary>Time for one batch, all attempts together, 100 ms to 10 min; default 5 s.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time for one attempt, 50 ms to the deadline; default 2 s.</summary>
    public TimeSpan Attempt { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>First and longest pause between attempts, above 0, growing; default 20 ms and 500 ms.</summary>
    public (TimeSpan First, TimeSpan Longest) Pause { get; init; } = (TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(500));

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    public void Validate()
    {
        Bounds.Require($"{nameof(Deadline)} in seconds", Deadline.TotalSeconds, 0.1, 600);
        Bounds.Require($"{nameof(Attempt)} in seconds", Attempt.TotalSeconds, 0.05, Deadline.TotalSeconds);
        Bounds.Require($"{nameof(Pause)}.{nameof(Pause.First)} in seconds", Pause.First.TotalSeconds, 0.001, Pause.Longest.TotalSeconds);
        Bounds.Require($"{nameof(Pause)}.{nameof(Pause.Longest)} in seconds", Pause.Longest.TotalSeconds, 0.001, Deadline.TotalSeconds);
    }
}
