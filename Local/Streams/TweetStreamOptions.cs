using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>Settings of one stream.</summary>
public sealed record TweetStreamOptions
{
    /// <summary>How long connecting, and the head of the answer, may take. Default: 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection that brings no byte for so long is given up. Default: 30 s.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>First waiting time before connecting again, unless the server asks for another. Default: 250 ms.</summary>
    public TimeSpan MinBackOff { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest waiting time before connecting again; it doubles up to here. Default: 30 s.</summary>
    public TimeSpan MaxBackOff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a trickle of bytes is gathered before it is read, 0 to 1 s. Default: 10 ms.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its bounds.</exception>
    public void Validate()
    {
        Bound.Check(ConnectTimeout > TimeSpan.Zero, nameof(ConnectTimeout), ConnectTimeout, "above 0");
        Bound.Check(StallTimeout > TimeSpan.Zero, nameof(StallTimeout), StallTimeout, "above 0");
        Bound.Check(MinBackOff > TimeSpan.Zero, nameof(MinBackOff), MinBackOff, "above 0");
        Bound.Check(MaxBackOff >= MinBackOff, nameof(MaxBackOff), MaxBackOff, "MinBackOff or more");
        Bound.Check(Linger >= TimeSpan.Zero && Linger <= TimeSpan.FromSeconds(1), nameof(Linger), Linger, "0 to 1 s");
    }
}
