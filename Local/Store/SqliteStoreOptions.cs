namespace Rookery.Local;

/// <summary>Settings of the SQLite store.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The folder of <c>rookery.db</c>, made where missing. Default: <c>data</c>.</summary>
    public string Folder { get; init; } = "data";

    /// <summary>Most tweets kept; the ones not seen for longest go first. 1,000 or more. Default: 5,000,000.</summary>
    public long MaxTweets { get; init; } = 5_000_000;

    /// <summary>Most bytes of the file that are in use, beside its write-ahead log. 16 MiB or more. Default: 8 GiB.</summary>
    public long MaxBytes { get; init; } = 8L << 30;

    /// <summary>How long a tweet is kept after it was last seen. 1 minute or more. Default: 30 days.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// What a commit promises. <see cref="StoreDurability.Full"/> (default): it survives the loss of power.
    /// <see cref="StoreDurability.Normal"/>: it survives <c>kill -9</c>; a loss of power may take the last commits, whole ones only.
    /// </summary>
    public StoreDurability Durability { get; init; } = StoreDurability.Full;

    /// <summary>Whether changes are noted for the change feed. Default: true.</summary>
    public bool NoteChanges { get; init; } = true;

    /// <summary>Most changes noted and not yet published, 1,000 or more. Default: 200,000.</summary>
    public int MaxUnpublished { get; init; } = 200_000;

    /// <summary>What happens at <see cref="MaxUnpublished"/>. Default: <see cref="OutboxOverflow.Wait"/>.</summary>
    public OutboxOverflow OutboxOverflow { get; init; } = OutboxOverflow.Wait;

    /// <summary>How long to wait for another program that holds the database locked. 0 to 1 minute. Default: 2 s.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">A value is out of its bounds; the message names it and the bound.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(Folder))
        {
            throw new ArgumentException("Folder must name a folder; it is empty.", nameof(Folder));
        }

        Check(MaxTweets >= 1000, nameof(MaxTweets), MaxTweets, "1000 or more");
        Check(MaxBytes >= 16 << 20, nameof(MaxBytes), MaxBytes, "16777216 (16 MiB) or more");
        Check(MaxAge >= TimeSpan.FromMinutes(1), nameof(MaxAge), MaxAge, "1 minute or more");
        Check(MaxUnpublished >= 1000, nameof(MaxUnpublished), MaxUnpublished, "1000 or more");
        Check(BusyTimeout >= TimeSpan.Zero && BusyTimeout <= TimeSpan.FromMinutes(1), nameof(BusyTimeout), BusyTimeout, "0 to 1 minute");
    }

    private static void Check(bool holds, string option, object value, string bound)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(option, value, $"{option} must be {bound}.");
        }
    }
}

/// <summary>What a commit of the store survives.</summary>
public enum StoreDurability
{
    /// <summary>The loss of power: one <c>fsync</c> per batch.</summary>
    Full,

    /// <summary>The end of the process in any way; a loss of power may take the last batches.</summary>
    Normal,
}

/// <summary>What happens when the broker takes changes more slowly than tweets are stored.</summary>
public enum OutboxOverflow
{
    /// <summary>The store waits, and with it, step by step, the streams. Nothing is lost.</summary>
    Wait,

    /// <summary>The oldest changes are never published, and counted. The tweets are stored nevertheless.</summary>
    DropOldest,
}
