namespace Rookery.Broker;

/// <summary>An event that a subscription was given but has not settled: in flight, or back and waiting in its old place.</summary>
internal struct Flight
{
    /// <summary>The event.</summary>
    public long Sequence;

    /// <summary>In flight: when it was sent. Back: when it may be sent again, 0 at once.</summary>
    public long Time;

    /// <summary>Its id, where it was sent since the topic was recovered.</summary>
    public EventId Id;

    /// <summary>Who has it, or had it last.</summary>
    public TopicSession? Session;

    /// <summary>Deliveries so far.</summary>
    public int Tries;

    /// <summary>Its priority.</summary>
    public sbyte Priority;

    /// <summary>Whether it is in flight; else it is back.</summary>
    public bool InFlight;

    internal bool HasId;
    internal int Older;
    internal int Newer;
    internal int NextOfSequence;
    internal int NextOfId;
    internal int PreviousOfId;
}

/// <summary>The flights of a subscription, found by sequence number or id; those in flight in the order they were sent.</summary>
internal sealed class FlightTable
{
    private const int None = -1;
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64();

    private Flight[] _flights = [];
    private int[] _bySequence = [];
    private (int First, int Last)[] _byId = [];
    private int _free = None;
    private int _used;

    /// <summary>All of them.</summary>
    public int Count { get; private set; }

    /// <summary>Those in flight.</summary>
    public int InFlight { get; private set; }

    /// <summary>The one in flight the longest, or −1.</summary>
    public int Oldest { get; private set; } = None;

    private int Newest { get; set; } = None;

    public ref Flight this[int index] => ref _flights[index];

    /// <summary>The one sent after this one, or −1.</summary>
    public int After(int index) => _flights[index].Newer;

    /// <summary>Finds a flight by its event; −1 where there is none.</summary>
    public int Find(long sequence)
    {
        if (Count == 0)
        {
            return None;
        }

        var index = _bySequence[sequence & (_bySequence.Length - 1)];
        while (index != None && _flights[index].Sequence != sequence)
        {
            index = _flights[index].NextOfSequence;
        }

        return index;
    }

    /// <summary>The first to be sent among those with this id which one session has, or among those which are back; −1: none.</summary>
    /// <param name="id">The id.</param>
    /// <param name="session">Who has it, or, perhaps by another connection, had it last; null: anybody.</param>
    /// <param name="inFlight">In flight, or back.</param>
    public int Find(EventId id, TopicSession? session, bool inFlight)
    {
        if (Count == 0)
        {
            return None;
        }

        var index = _byId[id.Bucket(Seed) & (_byId.Length - 1)].First;
        while (index != None)
        {
            ref var flight = ref _flights[index];
            if (flight.InFlight == inFlight && flight.Id == id
                && (session is null || flight.Session == session || (!inFlight && (flight.Session?.IsClientOf(session) ?? false))))
            {
                break;
            }

            index = flight.NextOfId;
        }

        return index;
    }

    /// <summary>Adds one that is back.</summary>
    public int Add(long sequence, sbyte priority, int tries, long due)
    {
        if (_free == None && _used == _flights.Length)
        {
            Grow();
        }

        var index = _free;
        if (index != None)
        {
            _free = _flights[index].Newer;
        }
        else
        {
            index = _used++;
        }

        ref var chain = ref _bySequence[sequence & (_bySequence.Length - 1)];
        _flights[index] = new Flight
        {
            Sequence = sequence,
            Priority = priority,
            Tries = tries,
            Time = due,
            Older = None,
            Newer = None,
            NextOfSequence = chain,
        };
        chain = index;
        Count++;
        return index;
    }

    /// <summary>Sends one that is back.</summary>
    public void Send(int index, TopicSession session, EventId id, long now)
    {
        ref var flight = ref _flights[index];
        if (flight.HasId)
        {
            UnlinkId(ref flight);
        }

        (flight.InFlight, flight.Session, flight.Id, flight.Time) = (true, session, id, now);
        flight.Tries++;
        LinkId(index, ref flight);

        (flight.Older, flight.Newer) = (Newest, None);
        if (Newest == None)
        {
            Oldest = index;
        }
        else
        {
            _flights[Newest].Newer = index;
        }

        Newest = index;
        InFlight++;
    }

    /// <summary>Takes one in flight back.</summary>
    public void Return(int index, long due)
    {
        ref var flight = ref _flights[index];
        Unlink(ref flight);
        (flight.InFlight, flight.Time) = (false, due);
    }

    /// <summary>Forgets one.</summary>
    public void Remove(int index)
    {
        ref var flight = ref _flights[index];
        if (flight.InFlight)
        {
            Unlink(ref flight);
        }

        if (flight.HasId)
        {
            UnlinkId(ref flight);
        }

        ref var next = ref _bySequence[flight.Sequence & (_bySequence.Length - 1)];
        while (next != index)
        {
            next = ref _flights[next].NextOfSequence;
        }

        next = flight.NextOfSequence;
        flight = new Flight { Sequence = 0, Newer = _free };
        _free = index;
        Count--;
    }

    /// <summary>Appends the sequence numbers of all of them.</summary>
    public void CopySequencesTo(PlainList<long> target)
    {
        for (var i = 0; i < _used; i++)
        {
            if (_flights[i].Sequence != 0)
            {
                target.Add(_flights[i].Sequence);
            }
        }
    }

    private void LinkId(int index, ref Flight flight)
    {
        ref var chain = ref _byId[flight.Id.Bucket(Seed) & (_byId.Length - 1)];
        (flight.PreviousOfId, flight.NextOfId, flight.HasId) = (chain.Last, None, true);
        if (chain.Last == None)
        {
            chain.First = index;
        }
        else
        {
            _flights[chain.Last].NextOfId = index;
        }

        chain.Last = index;
    }

    private void UnlinkId(ref Flight flight)
    {
        ref var chain = ref _byId[flight.Id.Bucket(Seed) & (_byId.Length - 1)];
        if (flight.PreviousOfId == None)
        {
            chain.First = flight.NextOfId;
        }
        else
        {
            _flights[flight.PreviousOfId].NextOfId = flight.NextOfId;
        }

        if (flight.NextOfId == None)
        {
            chain.Last = flight.PreviousOfId;
        }
        else
        {
            _flights[flight.NextOfId].PreviousOfId = flight.PreviousOfId;
        }

        flight.HasId = false;
    }

    private void Unlink(ref Flight flight)
    {
        if (flight.Older == None)
        {
            Oldest = flight.Newer;
        }
        else
        {
            _flights[flight.Older].Newer = flight.Newer;
        }

        if (flight.Newer == None)
        {
            Newest = flight.Older;
        }
        else
        {
            _flights[flight.Newer].Older = flight.Older;
        }

        (flight.Older, flight.Newer) = (None, None);
        InFlight--;
    }

    /// <summary>Doubles everything; the chains are made anew, those by id in the order they had.</summary>
    private void Grow()
    {
        var size = Math.Max(4, _flights.Length * 2);
        var byId = _byId;
        Array.Resize(ref _flights, size);
        _bySequence = new int[size];
        _byId = new (int, int)[size];
        Array.Fill(_bySequence, None);
        Array.Fill(_byId, (None, None));

        for (var i = 0; i < _used; i++)
        {
            ref var chain = ref _bySequence[_flights[i].Sequence & (size - 1)];
            _flights[i].NextOfSequence = chain;
            chain = i;
        }

        foreach (var (first, _) in byId)
        {
            for (var i = first; i != None;)
            {
                var next = _flights[i].NextOfId;
                LinkId(i, ref _flights[i]);
                i = next;
            }
        }
    }
}
