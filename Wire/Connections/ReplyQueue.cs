using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>The rounds of a connection that are in execution or wait to be written: replies leave in the order of the commands.</summary>
internal sealed class ReplyQueue(SendQueue sendQueue, ReplyWriter writer, WireLog log)
{
    private readonly Queue<Round> _rounds = new();
    private readonly AsyncSignal _progress = new();
    private long _ordinal;
    private long _cost;

    /// <summary>Bytes of commands in execution, and of replies not written.</summary>
    public long Cost => Volatile.Read(ref _cost);

    /// <summary>Wakes the one who waits in <see cref="ProgressAsync"/>.</summary>
    public void Wake() => _progress.Set();

    /// <summary>Waits until replies were written, or for <see cref="Wake"/>. One waiter.</summary>
    public ValueTask ProgressAsync() => _progress.WaitAsync();

    /// <summary>Executes the batches of a round and sees to its replies.</summary>
    public void Submit(Round round, IBrokerSession? session)
    {
        foreach (var batch in round.Batches)
        {
            batch.Topic.Batch = null;
            if (batch.Answered)
            {
                batch.Commands.Ordinal = ++_ordinal;
                round.LastOrdinal = _ordinal;
            }
        }

        round.Cost += round.Slots.Count * WireOptions.CommandOverhead;
        round.Begin();
        lock (sendQueue.Gate)
        {
            _rounds.Enqueue(round);
            _cost += round.Cost;
        }

        foreach (var batch in round.Batches)
        {
            batch.Execute(session!, this, round);
        }

        if (round.Done())
        {
            Drain();
        }
    }

    /// <summary>Writes the replies of every round that is done, as far as the reader keeps up.</summary>
    /// <param name="send">Sends them too: for a caller that has nothing left to do.</param>
    public void Drain(bool send = false)
    {
        var retired = false;
        lock (sendQueue.Gate)
        {
            while (_rounds.TryPeek(out var round) && round.IsDone && writer.Write(round))
            {
                _rounds.Dequeue();
                _cost -= round.Cost;
                if (round.IsLast)
                {
                    sendQueue.RefuseDeliveries();
                }

                sendQueue.Replied(round.LastOrdinal);
                Round.Return(round);
                retired = true;
            }
        }

        if (retired)
        {
            _progress.Set();
        }

        sendQueue.Wake(send);
    }

    public void Failed(Exception error) => log.BatchFailed(error);
}
