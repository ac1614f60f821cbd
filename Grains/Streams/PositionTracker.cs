namespace Rookery.Grains;

/// <summary>
/// How far a stream is done with: the last event of which, and of all before it, everything has arrived. For any number of threads.
/// </summary>
internal sealed class PositionTracker(string? start)
{
    private readonly Lock _gate = new();
    private readonly Queue<Ticket> _open = new();
    private string? _position = start;

    /// <summary>Id of the last event that is done with; null where there is none.</summary>
    public string? Position
    {
        get
        {
            lock (_gate)
            {
                return _position;
            }
        }
    }

    /// <summary>Some events are on their way, behind all those before.</summary>
    /// <param name="last">Id of the last of them; null where the stream numbers none.</param>
    public Ticket Begin(string? last)
    {
        lock (_gate)
        {
            var ticket = new Ticket(last);
            _open.Enqueue(ticket);
            return ticket;
        }
    }

    /// <summary>They have arrived.</summary>
    public void Done(Ticket ticket)
    {
        lock (_gate)
        {
            ticket.IsDone = true;
            while (_open.TryPeek(out var first) && first.IsDone)
            {
                _position = first.Last ?? _position;
                _open.Dequeue();
            }
        }
    }

    /// <summary>Some events in a row.</summary>
    internal sealed class Ticket(string? last)
    {
        public string? Last => last;

        public bool IsDone { get; set; }
    }
}
