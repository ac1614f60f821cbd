namespace Rookery.Local;

/// <summary>
/// What the turns that a thread runs leave for their end: the journal's writer is woken once, batches are completed, and each
/// session that got something hears once that there is no more. Outside of turns the same happens at once.
/// </summary>
internal sealed class TurnEnd
{
    [ThreadStatic]
    private static TurnEnd? _ofThread;

    private readonly List<BatchRun> _completed = [];
    private readonly List<LocalSession> _delivered = [];
    private JournalWriter? _writer;
    private bool _isOpen;

    /// <summary>Where the turns of this thread leave what they leave; null outside of them.</summary>
    public static TurnEnd? Current => _ofThread is { _isOpen: true } current ? current : null;

    /// <summary>Begins turns on this thread.</summary>
    public static TurnEnd Begin()
    {
        var end = _ofThread ??= new TurnEnd();
        end._isOpen = true;
        return end;
    }

    /// <summary>A writer has something to write.</summary>
    public void Wake(JournalWriter writer)
    {
        if (_writer != writer)
        {
            _writer?.Wake();
            _writer = writer;
        }
    }

    /// <summary>A batch has its results.</summary>
    public void Add(BatchRun completed) => _completed.Add(completed);

    /// <summary>A session got deliveries.</summary>
    public void Add(LocalSession delivered) => _delivered.Add(delivered);

    /// <summary>Ends the turns: does what they left.</summary>
    public void Complete()
    {
        _isOpen = false;
        _writer?.Wake();
        _writer = null;

        // Replies come before the events that wait for them, so that both leave together.
        foreach (var run in _completed)
        {
            run.Complete();
        }

        foreach (var session in _delivered)
        {
            session.Delivered();
        }

        _completed.Clear();
        _delivered.Clear();
    }
}
