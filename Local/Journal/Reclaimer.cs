namespace Rookery.Local;

/// <summary>
/// Keeps stuck events from pinning whole segments: where the disk taken exceeds what is alive by more than the options say,
/// asks the topics that have something in a sparse segment to move it, one segment at a time, the sparsest first and the
/// oldest of equals. When everything was moved the segment is empty, is deleted, and the next one's turn comes. A segment
/// whose topics do not move everything in time waits until all others were asked.
/// </summary>
internal sealed class Reclaimer : IDisposable
{
    /// <summary>
    /// Segments more than what is alive needs before anything is moved. In a segment that is left alone the rest often dies
    /// by itself, and what is kept for long is not moved again with every segment that fills: with no slack, a tenth of the
    /// server's time went into moving.
    /// </summary>
    private const int Slack = 2;

    /// <summary>On a full disk moving takes room before it gives any: what little it may be, in bytes.</summary>
    private const long MostMovedWhenFull = 64 << 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SharedJournal _journal;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private Segment? _current;

    public Reclaimer(SharedJournal journal)
    {
        _journal = journal;
        _timer = journal.Time.CreateTimer(_ => Ask(givenUp: true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A segment was sealed or became sparse or sparser, or empty ones were deleted.</summary>
    public void Consider() => Ask(givenUp: false);

    public void Dispose() => _timer.Dispose();

    private void Ask(bool givenUp)
    {
        var segment = Choose(givenUp);
        if (segment is null)
        {
            return;
        }

        var topics = segment.Topics();
        _journal.Metrics.Reclaiming();
        JournalLog.Reclaiming(_journal.Logger, _journal.Files.Location, segment.Number, segment.Alive, segment.Used, topics.Length);
        foreach (var topic in topics)
        {
            _journal.Listener.Compact(topic.Topic, FrameAddress.Of(segment.Number, 0), FrameAddress.Of(segment.Number + 1, 0));
        }
    }

    private Segment? Choose(bool givenUp)
    {
        lock (_gate)
        {
            if (_current is { IsEmpty: false } && !givenUp)
            {
                return null;
            }

            Segment? best = null;
            var isLow = _journal.IsLow;
            var (minimum, overuse) = (_journal.Options.MinimumAlive, 0d);
            var (bestAsked, bestSparseness) = (0L, 0d);
            foreach (var segment in _journal.Segments.Values)
            {
                overuse += segment.Overuse(minimum);
                if (segment.Sparseness(minimum) is { } sparseness && (!isLow || segment.Alive <= MostMovedWhenFull))
                {
                    var asked = segment.AskedAt ?? long.MinValue;
                    if (best is null || (asked, sparseness, segment.Number).CompareTo((bestAsked, bestSparseness, best.Number)) < 0)
                    {
                        (best, bestAsked, bestSparseness) = (segment, asked, sparseness);
                    }
                }
            }

            if (!isLow && overuse <= Slack * minimum * _journal.Options.SegmentBytes)
            {
                best = null;
            }

            if (best is not null)
            {
                best.AskedAt = _journal.Time.GetTimestamp();
                _timer.Change(Patience, Timeout.InfiniteTimeSpan);
            }

            _current = best;
            return best;
        }
    }
}
