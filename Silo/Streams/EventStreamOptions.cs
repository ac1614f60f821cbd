namespace Rookery.Silo;

/// <summary>Settings of streams of events.</summary>
internal sealed record EventStreamOptions
{
    /// <summary>How long connecting, and the head of the answer, may take. Default: 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection that brings no byte for so long is given up. Default: 30 s.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>First and longest waiting time before connecting again, with jitter. Default: 250 ms and 30 s.</summary>
    public (TimeSpan First, TimeSpan Longest) BackOff { get; init; } = (TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30));

    /// <summary>A connection that was open for so long was a good one: the waiting time begins again. Default: 1 s.</summary>
    public TimeSpan GoodAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest event; of a longer one the rest is passed over. Above what the pipeline takes for a tweet. Default: 16 MiB.</summary>
    public int MaxEventBytes { get; init; } = 16 << 20;
}
