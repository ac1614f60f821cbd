namespace Rookery.Tweets;

/// <summary>Limits of reading a stream.</summary>
public sealed record ReaderOptions
{
    /// <summary>Longest event in bytes; a longer one is dropped and counted. 1 KiB to 64 MiB. Default: 4 MiB.</summary>
    public int MaxEventBytes { get; init; } = 4 << 20;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its bounds.</exception>
    public void Validate()
    {
        if (MaxEventBytes is < 1024 or > 64 << 20)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxEventBytes), MaxEventBytes, "MaxEventBytes must be 1024 to 67108864.");
        }
    }
}
