namespace Rookery.Tweets;

/// <summary>Settings of the batch controller.</summary>
public sealed record AdaptiveBatchOptions
{
    /// <summary>Batch size to begin with. Default: 128.</summary>
    public int Initial { get; init; } = 128;

    /// <summary>Smallest batch size, 1 or more. Default: 16.</summary>
    public int Min { get; init; } = 16;

    /// <summary>Largest batch size, up to 1,000,000. Default: 8,192.</summary>
    public int Max { get; init; } = 8192;

    /// <summary>Most bytes of JSON in a batch. Default: 32 MiB.</summary>
    public long MaxBytes { get; init; } = 32 << 20;

    /// <summary>Longest time the first record of a batch waits for more. Default: 200 ms.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a write should take. Default: 100 ms.</summary>
    public TimeSpan Target { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its bounds.</exception>
    public void Validate()
    {
        Bound.Check(Min is >= 1 and <= 1_000_000, nameof(Min), Min, "1 to 1000000");
        Bound.Check(Max >= Min && Max <= 1_000_000, nameof(Max), Max, "Min to 1000000");
        Bound.Check(Initial >= Min && Initial <= Max, nameof(Initial), Initial, "Min to Max");
        Bound.Check(MaxBytes >= 1024, nameof(MaxBytes), MaxBytes, "1024 or more");
        Bound.Check(MaxAge > TimeSpan.Zero && MaxAge <= TimeSpan.FromMinutes(1), nameof(MaxAge), MaxAge, "above 0, to 1 minute");
        Bound.Check(Target > TimeSpan.Zero && Target <= TimeSpan.FromMinutes(1), nameof(Target), Target, "above 0, to 1 minute");
    }
}
