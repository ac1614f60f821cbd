using System.Diagnostics;

namespace Rookery.Local;

/// <summary>
/// Which traces the changes belong to that were committed and are not published yet: a few of them, in memory, for the change
/// feed to go on with. What does not fit, or was committed before a restart, is published all the same, in no trace.
/// </summary>
internal sealed class ChangeTraces
{
    private const int Most = 64;

    private readonly Lock _gate = new();
    private readonly Queue<(long Change, ActivityContext Trace)> _committed = new();

    /// <summary>A write committed changes up to this one.</summary>
    public void Note(long lastChange, ActivityContext trace)
    {
        lock (_gate)
        {
            if (_committed.Count == Most)
            {
                _committed.Dequeue();
            }

            _committed.Enqueue((lastChange, trace));
        }
    }

    /// <summary>The traces of the writes whose changes end with this one or before.</summary>
    public IReadOnlyList<ActivityContext> Take(long lastChange)
    {
        lock (_gate)
        {
            List<ActivityContext>? taken = null;
            while (_committed.TryPeek(out var first) && first.Change <= lastChange)
            {
                (taken ??= []).Add(_committed.Dequeue().Trace);
            }

            return taken ?? (IReadOnlyList<ActivityContext>)[];
        }
    }
}
