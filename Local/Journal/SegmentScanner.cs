using Rookery.Broker;

namespace Rookery.Local;

/// <summary>What a scan finds.</summary>
internal interface ISegmentVisitor
{
    /// <summary>A whole frame; the bytes are valid during the call.</summary>
    void Frame(long offset, int length, TopicName topic, ReadOnlyMemory<byte> records);

    /// <summary>Bytes that are no whole frame, between or behind others.</summary>
    void Damage(long offset, long length, string what);
}

/// <summary>
/// Reads the frames of a segment. Where a header is intact but not what follows, the frame alone is skipped, by the length
/// that the header states; where a header is damaged, reading goes on at the next intact one.
/// </summary>
internal sealed class SegmentScanner(FileWindow window, ISegmentVisitor visitor)
{
    private const int Overlap = FrameHeader.Size - 1;

    /// <summary>Behind the last whole frame, in bytes.</summary>
    public long End { get; private set; } = SegmentHeader.Size;

    public void Run()
    {
        var offset = (long)SegmentHeader.Size;
        while (offset < window.Length)
        {
            if (HeaderAt(offset) is { } header)
            {
                Read(offset, header);
                offset += header.FrameBytes;
                continue;
            }

            if (Next(offset) is { } next)
            {
                visitor.Damage(offset, next - offset, "no intact frame header");
                offset = next;
                continue;
            }

            if (LastWritten(offset) is var last && last > offset)
            {
                visitor.Damage(offset, last - offset, "no intact frame header");
            }

            return;
        }
    }

    private void Read(long offset, FrameHeader header)
    {
        var frame = window.Get(offset, header.FrameBytes);
        if (header.Matches(frame.Span, out var topic))
        {
            End = offset + header.FrameBytes;
            visitor.Frame(offset, header.FrameBytes, topic, header.RecordsOf(frame));
            return;
        }

        var name = frame.Span.Slice(FrameHeader.Size, header.NameLength);
        var whose = TopicName.TryParse(name, out topic) ? $"topic {topic}" : "an unreadable topic";
        visitor.Damage(offset, header.FrameBytes, $"the checksum of a frame of {whose} does not match");
    }

    private FrameHeader? HeaderAt(long offset) =>
        FrameHeader.TryRead(window.Ahead(offset, FrameHeader.Size), out var header) && offset + header.FrameBytes <= window.Length
            ? header
            : null;

    /// <summary>Where the next intact header is behind an offset.</summary>
    private long? Next(long offset)
    {
        for (offset++; offset <= window.Length - FrameHeader.Size;)
        {
            var ahead = window.Ahead(offset, FrameHeader.Size);
            if (ahead.IsEmpty)
            {
                return null;
            }

            var found = ahead.IndexOf(FrameHeader.Magic);
            if (found < 0)
            {
                offset += Math.Max(1, ahead.Length - Overlap);
                continue;
            }

            offset += found;
            if (HeaderAt(offset) is not null)
            {
                return offset;
            }

            offset++;
        }

        return null;
    }

    /// <summary>Behind the last byte that is not zero from an offset on; the offset itself where all are.</summary>
    private long LastWritten(long offset)
    {
        var last = offset;
        while (offset < window.Length)
        {
            var ahead = window.Ahead(offset, 1);
            if (ahead.IsEmpty)
            {
                break;
            }

            var found = ahead.LastIndexOfAnyExcept((byte)0);
            last = found < 0 ? last : offset + found + 1;
            offset += ahead.Length;
        }

        return last;
    }
}
