using Rookery.Broker;

namespace Rookery.Grains;

/// <summary>How topics keep their logs in grain storage.</summary>
public sealed record LogOptions
{
    /// <summary>Time after which the outcome of a storage operation counts as unknown, 100 ms to 10 min; default 10 s.</summary>
    public TimeSpan StorageTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Time that a released record stays as a tombstone, 1 s to 30 days; default 1 h. A writer that slept longer is stopped by
    /// looking at the head first; one that slept less runs into the tombstone.
    /// </summary>
    public TimeSpan TombstoneTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Most bytes of a record, 4 KiB to 15 MiB, below what the provider takes (MongoDB: 16 MB a document); default 15 MiB. A
    /// larger commit takes several.
    /// </summary>
    public int RecordBytes { get; init; } = 15 << 20;

    /// <summary>Small records of a topic from which they are rewritten into bigger ones, 4 to 100,000; default 400.</summary>
    public int MaxSmallRecords { get; init; } = 400;

    /// <summary>What counts as a small record, in bytes, 1 KiB to 8 MiB; default 128 KiB.</summary>
    public int SmallRecordBytes { get; init; } = 128 * 1024;

    /// <summary>Records written since the head from which it is advanced, 4 to 100,000; default 256.</summary>
    public int HeadEvery { get; init; } = 256;

    /// <summary>Records read at once in recovery, 1 to 1,024; default 64.</summary>
    public int ReadBatch { get; init; } = 64;

    /// <summary>Records removed at once in the background, 1 to 1,024; default 8.</summary>
    public int RemoveBatch { get; init; } = 8;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    public void Validate()
    {
        Bounds.Require($"{nameof(StorageTimeout)} in seconds", StorageTimeout.TotalSeconds, 0.1, 600);
        Bounds.Require($"{nameof(TombstoneTime)} in seconds", TombstoneTime.TotalSeconds, 1, TimeSpan.FromDays(30).TotalSeconds);
        Bounds.Require(nameof(RecordBytes), RecordBytes, 4096, 15 << 20);
        Bounds.Require(nameof(MaxSmallRecords), MaxSmallRecords, 4, 100_000);
        Bounds.Require(nameof(SmallRecordBytes), SmallRecordBytes, 1024, 8 << 20);
        Bounds.Require(nameof(HeadEvery), HeadEvery, 4, 100_000);
        Bounds.Require(nameof(ReadBatch), ReadBatch, 1, 1024);
        Bounds.Require(nameof(RemoveBatch), RemoveBatch, 1, 1024);
    }
}
