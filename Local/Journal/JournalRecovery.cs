using System.Diagnostics;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// Reads a journal's directory. First the names and the headers of all segments, so that nothing is changed where a newer
/// version wrote; then the frames, in order; only then is the unfinished end of the last segment cut off.
/// </summary>
internal sealed class JournalRecovery(SharedJournal journal, JournalFailure? after)
{
    private const int BufferBytes = 4 << 20;

    private readonly List<Finding> _findings = [];
    private readonly SharedJournal _journal = journal;
    private readonly IJournalFiles _files = journal.Files;
    private IReadOnlyDictionary<int, long> _listed = new Dictionary<int, long>();
    private long _findingCount;
    private long _frames;
    private long _bytes;

    /// <exception cref="OperationCanceledException">It was given up between two segments; nothing was changed.</exception>
    public RecoveryReport Run(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var segments = FindSegments();
        var buffer = new byte[BufferBytes];
        foreach (var found in segments)
        {
            cancellationToken.ThrowIfCancellationRequested();
            buffer = Read(found, isLast: found.Number == segments[^1].Number, buffer);
        }

        var report = new RecoveryReport
        {
            Segments = segments.Count,
            Frames = _frames,
            Bytes = _bytes,
            Elapsed = Stopwatch.GetElapsedTime(started),
            Findings = _findings,
            FindingCount = _findingCount,
        };
        Log(report);
        return report;
    }

    private List<FoundSegment> FindSegments()
    {
        var names = _files.List();
        var segments = new List<FoundSegment>();
        var foreign = new List<Finding>();
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            if (!SegmentName.TryParse(name, out var number))
            {
                if (!SegmentList.IsOurs(name) && name != JournalReserve.FileName)
                {
                    foreign.Add(new Finding(FindingKind.ForeignFile, name, 0, 0, "it is not the journal's, and is left alone"));
                }

                continue;
            }

            _journal.NextNumber = Math.Max(_journal.NextNumber, number + 1);
            var header = ReadHeader(name);
            if (header is { } stated && stated.Number != number)
            {
                foreign.Add(new Finding(
                    FindingKind.ForeignFile, name, 0, 0, $"it was written as {SegmentName.Of(stated.Number)}, and is left alone"));
                continue;
            }

            segments.Add(new FoundSegment(number, name, header is not null));
        }

        foreign.ForEach(Add);
        CheckList(names, segments);

        // Not a segment at all: neither listed, nor with a header or a frame, nor empty as one whose creation was cut short.
        segments.RemoveAll(found =>
        {
            var isForeign = !found.HasHeader && !_listed.ContainsKey(found.Number) && HasNothingOfOurs(found.Name);
            if (isForeign)
            {
                Add(new Finding(FindingKind.ForeignFile, found.Name, 0, 0, "it is no segment, and is left alone"));
            }

            return isForeign;
        });
        return segments;
    }

    private (int Version, int Number)? ReadHeader(string name)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
        using var file = _files.Open(name, write: false);
        if (!SegmentHeader.TryRead(bytes[..file.Read(bytes, 0)], out var version, out var number))
        {
            return null;
        }

        return version <= SegmentHeader.Version
            ? (version, number)
            : throw new NewerFormatException(
                $"{name} in {_files.Location} has format version {version}: it was written by a newer version of this program, which reads up to version {SegmentHeader.Version}");
    }

    private bool HasNothingOfOurs(string name)
    {
        using var file = _files.Open(name, write: false);
        if (IsBlank(file))
        {
            return false;
        }

        var counter = new FrameCounter();
        new SegmentScanner(new FileWindow(file, file.Length, new byte[BufferBytes]), counter).Run();
        return counter.Frames == 0;
    }

    /// <summary>Whether a file is what is left of a segment's creation: zeros, with no more than a part of the header before them.</summary>
    private static bool IsBlank(IJournalFile file)
    {
        var buffer = new byte[64 << 10];
        var read = file.Read(buffer, 0);
        if (!SegmentHeader.MayBeCutShort(buffer.AsSpan(0, Math.Min(read, SegmentHeader.Size))))
        {
            return false;
        }

        var from = SegmentHeader.Size;
        for (var offset = 0L; read > 0; offset += read, read = file.Read(buffer, offset), from = 0)
        {
            if (read > from && buffer.AsSpan(from, read - from).ContainsAnyExcept((byte)0))
            {
                return false;
            }
        }

        return true;
    }

    private void CheckList(IReadOnlyList<string> names, List<FoundSegment> segments)
    {
        if (!names.Contains(SegmentList.FileName))
        {
            // The list is written right after the first segment was created, so that one alone may be without.
            if (segments.Exists(segment => segment.Number > 1))
            {
                Add(new Finding(FindingKind.NoSegmentList, SegmentList.FileName, 0, 0, "it is missing; lost segments cannot be noticed"));
            }

            return;
        }

        if (SegmentList.Read(_files) is not { } listed)
        {
            Add(new Finding(FindingKind.NoSegmentList, SegmentList.FileName, 0, 0, "it is damaged; lost segments cannot be noticed"));
            return;
        }

        _listed = listed;
        foreach (var number in listed.Keys.Except(segments.Select(segment => segment.Number)).Order())
        {
            _journal.NextNumber = Math.Max(_journal.NextNumber, number + 1);
            Add(new Finding(FindingKind.MissingSegment, SegmentName.Of(number), 0, 0, "it should be there; what was in it is lost"));
        }
    }

    private byte[] Read(FoundSegment found, bool isLast, byte[] buffer)
    {
        using var file = _files.Open(found.Name, write: false);
        var length = Trusted(found, file.Length);
        var segment = new Segment(found.Number);
        var visitor = new Visitor(this, segment);
        var window = new FileWindow(file, length, buffer);
        var scanner = new SegmentScanner(window, visitor);
        if (length > SegmentHeader.Size)
        {
            scanner.Run();
        }

        if (window.ReadError is { } error)
        {
            Add(new Finding(FindingKind.Damage, found.Name, 0, 0, $"parts of it cannot be read: {error.Message}"));
        }

        var unfinished = isLast && window.ReadError is null;
        if (unfinished && !found.HasHeader && visitor.Frames == 0 && IsBlank(file))
        {
            Add(new Finding(FindingKind.TornTail, found.Name, 0, file.Length, "its creation was cut short; it is deleted"));
            _files.Delete(found.Name);
            return window.Buffer;
        }

        if (!found.HasHeader)
        {
            Add(new Finding(FindingKind.Damage, found.Name, 0, SegmentHeader.Size, "the header of the segment is damaged"));
        }

        visitor.MissTail(scanner.End, _listed.GetValueOrDefault(found.Number));
        visitor.Report(found.Name, unfinished ? scanner.End : long.MaxValue);
        _journal.Segments[found.Number] = segment;
        if (unfinished && file.Length > scanner.End)
        {
            CutOff(found.Name, scanner.End);
        }

        return window.Buffer;
    }

    /// <summary>How much of a file may be believed after a failure in this process.</summary>
    private long Trusted(FoundSegment found, long length)
    {
        if (after?.Promised is not JournalPromise.OnDevice || found.Number < after.Segment)
        {
            return length;
        }

        var trusted = Math.Min(found.Number == after.Segment ? after.Synced : SegmentHeader.Size, length);
        if (trusted < length)
        {
            Add(new Finding(
                FindingKind.Unconfirmed, found.Name, trusted, length - trusted, "what a failed write or sync may have left is dropped"));
            CutOff(found.Name, trusted);
        }

        return trusted;
    }

    private void CutOff(string name, long length)
    {
        using var file = _files.Open(name, write: true);
        file.Truncate(length);
        file.Sync();
    }

    private void Add(Finding finding)
    {
        if (_findingCount++ < RecoveryReport.MaxFindings)
        {
            _findings.Add(finding);
        }
    }

    private void Log(RecoveryReport report)
    {
        JournalLog.Recovered(
            _journal.Logger, _files.Location, report.Segments, report.Frames, report.Bytes, report.Elapsed, _journal.Options.Durability);
        foreach (var finding in report.Findings)
        {
            JournalLog.Found(
                _journal.Logger, _files.Location, finding.Kind, finding.File, finding.Offset, finding.Bytes, finding.What);
        }

        if (report.FindingCount > report.Findings.Count)
        {
            JournalLog.FoundMore(_journal.Logger, _files.Location, report.FindingCount - report.Findings.Count);
        }

        _journal.Metrics.Found(report.FindingCount);
    }

    private readonly record struct FoundSegment(int Number, string Name, bool HasHeader);

    private sealed class FrameCounter : ISegmentVisitor
    {
        public long Frames { get; private set; }

        public void Frame(long offset, int length, TopicName topic, ReadOnlyMemory<byte> records) => Frames++;

        public void Damage(long offset, long length, string what)
        {
        }
    }

    private sealed class Visitor(JournalRecovery recovery, Segment segment) : ISegmentVisitor
    {
        private readonly List<(long Offset, long Length, string What)> _damages = [];

        public long Frames { get; private set; }

        public void Frame(long offset, int length, TopicName topic, ReadOnlyMemory<byte> records)
        {
            Frames++;
            recovery._frames++;
            recovery._bytes += length;
            var log = recovery._journal.For(topic);
            segment.Add(log, offset, length);
            recovery._journal.Listener.Recovered(log, FrameAddress.Of(segment.Number, offset), records);
        }

        public void Damage(long offset, long length, string what) => _damages.Add((offset, length, what));

        /// <summary>Notes what the list of segments says should follow the last frame or damage that was seen.</summary>
        public void MissTail(long end, long listed)
        {
            var seen = _damages.Count > 0 ? Math.Max(end, _damages[^1].Offset + _damages[^1].Length) : end;
            if (seen < listed)
            {
                Damage(seen, listed - seen, "the end of the segment is missing");
            }
        }

        /// <summary>Reports what lies before <paramref name="end"/> one by one, and what lies behind it as the torn end.</summary>
        public void Report(string name, long end)
        {
            foreach (var (offset, length, what) in _damages)
            {
                if (offset < end)
                {
                    recovery.Add(new Finding(FindingKind.Damage, name, offset, length, what));
                }
            }

            if (_damages.Count > 0 && _damages[^1] is var last && last.Offset >= end)
            {
                recovery.Add(new Finding(
                    FindingKind.TornTail, name, end, last.Offset + last.Length - end, "the end of the journal is incomplete; it is cut off"));
            }
        }
    }
}
