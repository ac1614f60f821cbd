namespace Rookery.Local;

/// <summary>What was found when a journal was opened.</summary>
internal sealed record RecoveryReport
{
    /// <summary>Segments that were read.</summary>
    public required int Segments { get; init; }

    /// <summary>Frames that were whole.</summary>
    public required long Frames { get; init; }

    /// <summary>Bytes of the frames that were whole.</summary>
    public required long Bytes { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Everything that was not as it should be, in order; at most <see cref="MaxFindings"/>.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>How much was not as it should be.</summary>
    public required long FindingCount { get; init; }

    /// <summary>Most findings that are kept one by one; the rest is counted.</summary>
    public const int MaxFindings = 1000;
}

/// <summary>Something in a journal's directory that was not as it should be.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="File">The file.</param>
/// <param name="Offset">Where in the file; 0 where it is about the whole file.</param>
/// <param name="Bytes">How many bytes; 0 where it is about the whole file.</param>
/// <param name="What">What was found, for people.</param>
internal readonly record struct Finding(FindingKind Kind, string File, long Offset, long Bytes, string What);

/// <summary>What was found in a journal's directory.</summary>
internal enum FindingKind : byte
{
    /// <summary>The last segment ended in something incomplete, as after a crash; it was cut off.</summary>
    TornTail,

    /// <summary>Bytes that are not what was written; they were skipped, and what follows was read.</summary>
    Damage,

    /// <summary>A segment that should be there is not.</summary>
    MissingSegment,

    /// <summary>A file or folder that is not the journal's; it is left alone.</summary>
    ForeignFile,

    /// <summary>The list of segments is missing or damaged, so missing segments cannot be noticed.</summary>
    NoSegmentList,

    /// <summary>What a failed write or sync had left was dropped; nobody was told that it was stored.</summary>
    Unconfirmed,
}
