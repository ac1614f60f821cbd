namespace Rookery.Broker;

/// <summary>
/// What one subscription has of a topic: how far it came in each priority, and what it was given but has not settled.
/// All before its place in a list and not among its flights or dead letters is settled, so nothing is held of that.
/// </summary>
internal sealed class Subscription(SubscriptionKey key, int number, long start)
{
    private static readonly Comparer<(int, long)> ByPlace = Comparer<(int Priority, long Sequence)>.Create(
        static (a, b) => a.Priority != b.Priority ? a.Priority.CompareTo(b.Priority) : a.Sequence.CompareTo(b.Sequence));

    private readonly PriorityQueue<long, (int, long)> _returned = new(ByPlace);
    private readonly PriorityQueue<long, long> _delayed = new();
    private Cursor[] _cursors = [];
    private int _turn;

    public SubscriptionKey Key { get; } = key;

    /// <summary>What records call it.</summary>
    public int Number { get; } = number;

    /// <summary>The first event it is to have.</summary>
    public long Start { get; } = start;

    /// <summary>
    /// Events behind <see cref="Start"/> that had ended when it began: their frames may still be there after a restart, and
    /// nothing else says that they are not for it.
    /// </summary>
    public PlainList<SequenceRange> Gaps { get; } = new();

    public int LeaseMs { get; set; }

    public int MaxTries { get; set; }

    /// <summary>When its last session left.</summary>
    public long LastUsed { get; set; }

    public List<TopicSession> Members { get; } = [];

    public FlightTable Flights { get; } = new();

    /// <summary>Dead letters by sequence number; null before the first.</summary>
    public SortedList<long, DeadEntry>? Dead { get; set; }

    public bool IsReady { get; set; }

    public bool HasEnded { get; set; }

    /// <summary>It ended with the topic; its sessions have not been told yet.</summary>
    public bool IsDropped { get; set; }

    /// <summary>Entries for those that came back, with those that were settled since: at most about twice as many.</summary>
    public int Queued => _returned.Count + _delayed.Count;

    public long Delivered { get; set; }

    public long Redelivered { get; set; }

    public long Acknowledged { get; set; }

    /// <summary>How far it came in a list.</summary>
    public ref Cursor CursorOf(PriorityList list)
    {
        if (list.Ordinal >= _cursors.Length)
        {
            // A priority that first occurred after the subscription began: all of its events are for it.
            Array.Resize(ref _cursors, list.Ordinal + 1);
        }

        return ref _cursors[list.Ordinal];
    }

    /// <summary>Puts one that came back where it is found again.</summary>
    public void Enqueue(in Flight flight)
    {
        if (Math.Max(_returned.Count, _delayed.Count) > 64 + (2 * (Flights.Count - Flights.InFlight)))
        {
            Rebuild();
        }

        Add(flight);
    }

    /// <summary>The first of those that came back and may be sent now; −1: none.</summary>
    public int FirstReturned()
    {
        while (_returned.TryPeek(out var sequence, out _))
        {
            var index = Flights.Find(sequence);
            if (index >= 0 && Flights[index] is { InFlight: false, Time: 0 })
            {
                return index;
            }

            _returned.Dequeue();
        }

        return -1;
    }

    /// <summary>Lets those go on whose delay is over.</summary>
    /// <returns>Whether there was any.</returns>
    public bool Release(long now)
    {
        var any = false;
        while (_delayed.TryPeek(out var sequence, out var due) && due <= now)
        {
            _delayed.Dequeue();
            var index = Flights.Find(sequence);
            if (index >= 0 && !Flights[index].InFlight && Flights[index].Time == due)
            {
                Flights[index].Time = 0;
                Enqueue(Flights[index]);
                any = true;
            }
        }

        return any;
    }

    /// <summary>When a lease runs out or a delay is over next.</summary>
    public long NextDue()
    {
        var due = _delayed.TryPeek(out _, out var delayed) ? delayed : long.MaxValue;
        return LeaseMs > 0 && Flights.Oldest >= 0 ? Math.Min(due, Flights[Flights.Oldest].Time + LeaseMs) : due;
    }

    /// <summary>The member whose turn it is among those with room and credit.</summary>
    public TopicSession? NextMember()
    {
        for (var i = 0; i < Members.Count; i++)
        {
            if (_turn >= Members.Count)
            {
                _turn = 0;
            }

            var member = Members[_turn++];
            if (member.InFlight < member.Window && member.Credit > 0)
            {
                return member;
            }
        }

        return null;
    }

    private void Add(in Flight flight)
    {
        if (flight.Time > 0)
        {
            _delayed.Enqueue(flight.Sequence, flight.Time);
        }
        else
        {
            _returned.Enqueue(flight.Sequence, (-flight.Priority, flight.Sequence));
        }
    }

    /// <summary>Forgets what was settled while it waited, which is found nowhere else before its time.</summary>
    private void Rebuild()
    {
        var kept = new PlainList<long>();
        Flights.CopySequencesTo(kept);
        _returned.Clear();
        _delayed.Clear();
        foreach (var sequence in kept.Span)
        {
            ref var flight = ref Flights[Flights.Find(sequence)];
            if (!flight.InFlight)
            {
                Add(flight);
            }
        }
    }
}

/// <summary>How far a subscription came in a list.</summary>
internal struct Cursor
{
    /// <summary>Where it looks next.</summary>
    public long Place;

    /// <summary>The last event it took from there, or the last before it began.</summary>
    public long Taken;
}

/// <summary>What a subscription remembers of an event it gave up on.</summary>
internal readonly record struct DeadEntry(int Tries, long DiedAt);
