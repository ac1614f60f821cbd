namespace Rookery.Tweets;

/// <summary>Limits of reading a stream.</summary>
public sealed record ReaderOptions
{
    /// <summary>Longest event in bytes; a longer one is dropped and counted. 1 KiB to 64 MiB. Default: 4 MiB.</summary>
    public int MaxEventBytes { get; init; } = 4 << 20;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its bounds.</exception>
    public void Validate() =>
        Bound.Check(MaxEventBytes is >= 1024 and <= 64 << 20, nameof(MaxEventBytes), MaxEventBytes, "1024 to 67108864");
}
