using Rookery.Broker;
using Rookery.Local;
using Rookery.Local.Tests;

namespace Rookery.Fuzz.Tests;

/// <summary>A frame of a journal on a disk in memory.</summary>
/// <param name="File">Its segment.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="Bytes">All of it.</param>
/// <param name="Text">Topic and records, as <see cref="JournalFixture.Recovered"/> has them.</param>
internal sealed record WrittenFrame(string File, int Start, byte[] Bytes, string Text)
{
    public int End => Start + Bytes.Length;

    /// <summary>Whether it stands where it was written, as it was written.</summary>
    public bool IsWhole(FaultyFiles disk) =>
        disk.List().Contains(File) && disk[File] is var bytes && bytes.Length >= End && bytes.AsSpan(Start, Bytes.Length).SequenceEqual(Bytes);
}

/// <summary>A disk with a journal, and where its frames are.</summary>
internal sealed class WrittenJournal(FaultyFiles disk)
{
    /// <summary>The disk, as it was left.</summary>
    public FaultyFiles Disk => disk;

    /// <summary>All frames, in order.</summary>
    public IReadOnlyList<WrittenFrame> Frames { get; } =
    [
        .. disk.List().Where(name => SegmentName.TryParse(name, out _)).Order(StringComparer.Ordinal).SelectMany(name => FramesOf(name, disk[name])),
    ];

    /// <summary>Whether frames got lost in silence although that cannot be told from their never having been written.</summary>
    public bool CouldNeverHaveBeen(IEnumerable<WrittenFrame> lost, FaultyFiles damaged)
    {
        if (!damaged.List().Contains(SegmentList.FileName) && !damaged.List().Any(name => SegmentName.TryParse(name, out var number) && number > 1))
        {
            // What is left is what a first start leaves that was cut short.
            return true;
        }

        var last = Frames[^1].File;
        if (!damaged.List().Contains(last))
        {
            return false;
        }

        var bytes = damaged[last];
        return lost.All(frame => frame.File == last && !bytes.AsSpan(Math.Min(frame.Start, bytes.Length)).ContainsAnyExcept((byte)0));
    }

    private static IEnumerable<WrittenFrame> FramesOf(string name, byte[] bytes)
    {
        for (var start = SegmentHeader.Size; FrameHeader.TryRead(bytes.AsSpan(Math.Min(start, bytes.Length)), out var header);)
        {
            var frame = bytes[start..(start + header.FrameBytes)];
            Assert.True(header.Matches(frame, out var topic));
            yield return new WrittenFrame(name, start, frame, $"{topic}:{System.Text.Encoding.UTF8.GetString(header.RecordsOf(frame).Span)}");
            start += header.FrameBytes;
        }
    }
}
