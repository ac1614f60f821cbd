namespace Rookery.Local;

/// <summary>A batch on its way through a pool, and how far it got; a crash takes it to another worker from there.</summary>
internal sealed class PoolEntry<TWork>
{
    public PoolEntry(TWork work, int count, SpeculationTicket? ticket)
    {
        Work = work;
        Count = count;
        Ticket = ticket;
    }

    public TWork Work { get; }

    public int Count { get; }

    /// <summary>First item that is not done yet.</summary>
    public int Next { get; set; }

    /// <summary>Items that no worker could do.</summary>
    public int GivenUp { get; set; }

    /// <summary>An item among those left crashed a worker; one by one shows which.</summary>
    public bool OneByOne { get; set; }

    /// <summary>This copy is the one that is worked on, should there be others.</summary>
    public bool Claimed { get; set; }

    /// <summary>Shared with the same batch at other workers; null where it was given to one only.</summary>
    public SpeculationTicket? Ticket { get; }
}

/// <summary>Decides which of several workers with the same batch does it: the first to come. The others are cancelled.</summary>
internal sealed class SpeculationTicket : IDisposable
{
    private readonly CancellationTokenSource _taken = new();
    private int _holders;
    private int _claimed;

    public SpeculationTicket(int holders)
    {
        _holders = holders;
        Taken = _taken.Token;
    }

    /// <summary>Cancelled once a worker claimed the batch.</summary>
    public CancellationToken Taken { get; }

    /// <summary>True to exactly one caller.</summary>
    public bool TryClaim()
    {
        if (Interlocked.Exchange(ref _claimed, 1) != 0)
        {
            return false;
        }

        _taken.Cancel();
        return true;
    }

    /// <summary>One holder fewer; with the last one, the ticket goes.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Dispose();
        }
    }

    public void Dispose() => _taken.Dispose();
}
