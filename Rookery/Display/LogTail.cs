namespace Rookery.Command;

/// <summary>The last few lines of the log, for a display that leaves no room for all.</summary>
internal sealed class LogTail
{
    private const int Most = 5;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public void Add(string line)
    {
        lock (_gate)
        {
            while (_lines.Count >= Most)
            {
                _lines.Dequeue();
            }

            _lines.Enqueue(line);
        }
    }
}
