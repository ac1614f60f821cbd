using System.Diagnostics.CodeAnalysis;

namespace Rookery.Client;

/// <summary>Events received and not handed out, in the order they came, and of each only the newest copy. Guarded by its subscription.</summary>
internal sealed class EventBuffer
{
    private readonly LinkedList<ReceivedEvent> _events = new();
    private readonly Dictionary<long, LinkedListNode<ReceivedEvent>> _bySequence = [];

    public int Count => _events.Count;

    /// <summary>Adds an event behind all others. A copy that waited here has no claim to be acknowledged any more and goes.</summary>
    /// <returns>True where it is a copy of one that waited.</returns>
    public bool Add(ReceivedEvent received)
    {
        var again = Drop(received.Sequence);
        _bySequence.Add(received.Sequence, _events.AddLast(received));
        return again;
    }

    /// <summary>Takes the one that waits longest.</summary>
    public bool TryTake([NotNullWhen(true)] out ReceivedEvent? next)
    {
        next = _events.First?.Value;
        return next is not null && Drop(next.Sequence);
    }

    /// <summary>Forgets an event.</summary>
    /// <returns>False where it was not here.</returns>
    public bool Drop(long sequence)
    {
        if (!_bySequence.Remove(sequence, out var node))
        {
            return false;
        }

        _events.Remove(node);
        return true;
    }

    public void Clear()
    {
        _events.Clear();
        _bySequence.Clear();
    }
}
