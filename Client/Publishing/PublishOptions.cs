namespace Rookery.Client;

/// <summary>How an event is to be treated.</summary>
public readonly record struct PublishOptions
{
    /// <summary>Larger goes first, −128 to 127; default 0.</summary>
    public int Priority { get; init; }

    /// <summary>Time after which the event need not be delivered any more, whole milliseconds; default 0, never.</summary>
    public TimeSpan TimeToLive { get; init; }

    /// <summary>
    /// The producer's own number of this event, growing; needs a <see cref="RookeryClientOptions.Producer"/>. An event with a number that
    /// the topic knows is confirmed and not stored again, so a publisher that keeps its numbers loses and doubles nothing over its own
    /// restarts. Default 0: the client counts.
    /// </summary>
    public long Number { get; init; }

    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    internal void Validate()
    {
        RookeryClientOptions.Require(nameof(Priority), Priority, Priority is >= sbyte.MinValue and <= sbyte.MaxValue, "from -128 to 127");
        RookeryClientOptions.Require(nameof(TimeToLive), TimeToLive, TimeToLive >= TimeSpan.Zero, "0 or more");
        RookeryClientOptions.Require(nameof(Number), Number, Number >= 0, "0 or more");
    }
}
