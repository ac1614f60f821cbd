namespace Rookery.Broker;

/// <content>Dead letters.</content>
internal sealed partial class Topic
{
    /// <summary>A subscription gives up on an event; the event stays for it, set aside.</summary>
    private void Bury(Subscription subscription, int index, long now)
    {
        var (sequence, tries) = (subscription.Flights[index].Sequence, subscription.Flights[index].Tries);
        subscription.Flights.Remove(index);
        subscription.Dead ??= [];
        subscription.Dead[sequence] = new DeadEntry(tries, now);
        _batch.Write(RecordKind.DeadLetter, subscription.Number, sequence, tries, now);
        while (subscription.Dead.Count > limits.MaxDeadLetters)
        {
            var oldest = subscription.Dead.GetKeyAtIndex(0);
            subscription.Dead.RemoveAt(0);
            _batch.Write(RecordKind.Discarded, subscription.Number, oldest);
            Dropped++;
            Unneed(oldest);
        }
    }

    /// <summary>Lists them without their payloads, which the shell fills in.</summary>
    private void ListDead(Subscription subscription, ref CommandResult result)
    {
        var letters = new DeadLetter[subscription.Dead?.Count ?? 0];
        for (var i = 0; i < letters.Length; i++)
        {
            var sequence = subscription.Dead!.GetKeyAtIndex(i);
            var dead = subscription.Dead.GetValueAtIndex(i);
            letters[i] = new DeadLetter(sequence, Events.Find(sequence).Priority, Events.TimeOf(sequence), dead.DiedAt, dead.Tries, default, default);
        }

        (result.Outcome, result.Count, result.DeadLetters) = (Outcome.Done, letters.Length, letters);
    }

    /// <summary>Puts one or all back to the waiting events, as if they had never been delivered.</summary>
    private void ReplayDead(Subscription subscription, long sequence, TopicSession session, long ordinal, ref CommandResult result)
    {
        if (!TakeDead(subscription, RecordKind.Replayed, sequence, ref result))
        {
            return;
        }

        foreach (var revived in _scratch.Span)
        {
            Revive(subscription, revived);
        }

        session.After = Math.Max(session.After, ordinal);
        MarkReady(subscription);
    }

    private void Revive(Subscription subscription, long sequence)
    {
        var index = subscription.Flights.Add(sequence, Events.Find(sequence).Priority, tries: 0, due: 0);
        subscription.Enqueue(subscription.Flights[index]);
    }

    private void DiscardDead(Subscription subscription, long sequence, ref CommandResult result)
    {
        if (TakeDead(subscription, RecordKind.Discarded, sequence, ref result))
        {
            foreach (var discarded in _scratch.Span)
            {
                Unneed(discarded);
            }
        }
    }

    /// <summary>Takes one (or with 0 all) from the dead letters into <see cref="_scratch"/>.</summary>
    private bool TakeDead(Subscription subscription, RecordKind kind, long sequence, ref CommandResult result)
    {
        Collect(subscription, sequence);
        if (_scratch.Count == 0 && sequence != 0)
        {
            result.Outcome = Outcome.NoSuchEvent;
            return false;
        }

        if (_scratch.Count > 0)
        {
            _batch.Write(kind, subscription.Number, sequence);
        }

        (result.Outcome, result.Count) = (Outcome.Done, _scratch.Count);
        return true;
    }

    private void Collect(Subscription subscription, long sequence)
    {
        _scratch.Clear();
        if (subscription.Dead is not { } dead)
        {
            return;
        }

        if (sequence != 0)
        {
            if (dead.Remove(sequence))
            {
                _scratch.Add(sequence);
            }

            return;
        }

        for (var i = 0; i < dead.Count; i++)
        {
            _scratch.Add(dead.GetKeyAtIndex(i));
        }

        dead.Clear();
    }
}
