using Rookery.Broker;

namespace Rookery.Local;

/// <summary>When what was appended to the journal counts as stored.</summary>
public enum Durability : byte
{
    /// <summary>When the device has it: one sync per batch of commits. Survives a loss of power.</summary>
    Fsync,

    /// <summary>When the operating system has it; the device gets it within <see cref="JournalOptions.SyncInterval"/>. Survives the end of the process.</summary>
    Interval,

    /// <summary>When the operating system has it, which writes it to the device when it likes. Survives the end of the process.</summary>
    Memory,
}

/// <summary>
/// How the journal stores. The disk it takes stays below what is alive divided by <see cref="MinimumAlive"/>, and five
/// segments more: the one being written, the one being emptied, one whose deletion is under way, and two that are let be,
/// because what lives in a sparse segment often dies before it has to be moved.
/// </summary>
public sealed record JournalOptions
{
    /// <summary>When an append counts as stored; default <see cref="Durability.Fsync"/>.</summary>
    public Durability Durability { get; init; } = Durability.Fsync;

    /// <summary>Longest time an append stays unsynced under <see cref="Durability.Interval"/>; default 100 ms; 1 ms to 60 s.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Size of a segment file, reserved when it is created, in bytes; default 64 MiB; 64 KiB to 1 GiB. A frame that is
    /// larger gets a segment of its own.
    /// </summary>
    public int SegmentBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Part of the full segments that must be alive; below it the topics are asked to move what lives in the sparsest. Default
    /// 0.5; 0 (only empty segments are given back) to 0.9. Higher saves disk and costs writes: moving one live byte frees
    /// (1 - MinimumAlive) / MinimumAlive dead ones, at worst.
    /// </summary>
    public double MinimumAlive { get; init; } = 0.5;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its bounds; the message names it, its value and the bounds.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Durability))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Durability), Durability, $"Durability is {Durability}; it must be Fsync, Interval or Memory");
        }

        Bounds.Require(nameof(SyncInterval), SyncInterval.TotalMilliseconds, 1, 60_000);
        Bounds.Require(nameof(SegmentBytes), SegmentBytes, 64 << 10, 1 << 30);
        Bounds.Require(nameof(MinimumAlive), MinimumAlive, 0, 0.9);
    }
}
