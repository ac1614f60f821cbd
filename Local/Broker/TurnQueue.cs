using System.Collections.Concurrent;

namespace Rookery.Local;

/// <summary>
/// The mailboxes that have something to do, and the workers that run their turns: as many as there are processors at most, and
/// each takes one turn after the other. What turns leave to be done (<see cref="TurnEnd"/>) is done once for all of them, so that
/// a commit of a hundred topics wakes each connection once. A thread per turn would wake a hundred times.
/// </summary>
internal sealed class TurnQueue : IThreadPoolWorkItem
{
    /// <summary>Turns before what they left is done, and others of the thread pool have their turn.</summary>
    private const int MostTurns = 128;

    private static readonly int MostWorkers = Math.Max(2, Environment.ProcessorCount);

    private readonly ConcurrentQueue<TopicMailbox> _waiting = new();
    private int _workers;

    /// <summary>Has a mailbox run its turn soon.</summary>
    public void Add(TopicMailbox mailbox)
    {
        _waiting.Enqueue(mailbox);
        HireIfAnyWaits();
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        var end = TurnEnd.Begin();
        for (var turns = 0; turns < MostTurns && _waiting.TryDequeue(out var mailbox); turns++)
        {
            mailbox.Turn();
        }

        end.Complete();
        Interlocked.Decrement(ref _workers);
        HireIfAnyWaits();
    }

    /// <summary>Whoever adds looks for a worker behind that; a worker that ends looks for what was added behind that: one of them sees the other.</summary>
    private void HireIfAnyWaits()
    {
        Interlocked.MemoryBarrier();
        if (!_waiting.IsEmpty && TryBegin())
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private bool TryBegin()
    {
        var workers = Volatile.Read(ref _workers);
        while (workers < MostWorkers)
        {
            var seen = Interlocked.CompareExchange(ref _workers, workers + 1, workers);
            if (seen == workers)
            {
                return true;
            }

            workers = seen;
        }

        return false;
    }
}
