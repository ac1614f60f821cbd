namespace Rookery.Broker;

/// <content>Storing events.</content>
internal sealed partial class Topic
{
    /// <summary>Why events are refused at present; null: they are not.</summary>
    public string? WhyNoPublishes { get; set; }

    // Whose event this batch had to refuse, and why: a later one of theirs that were stored would make it a repeat for ever.
    private (Producer? Producer, string? Why) _refused;

    private void Publish(in Command command, TopicCommands commands, TopicSession session, long now, ref CommandResult result)
    {
        var id = commands.BytesOf(command.Id);
        var message = commands.BytesOf(command.Message);
        if (message.Length > limits.MaxMessageBytes)
        {
            // Not refused: no waiting makes it shorter, and whoever publishes in order must not try it for ever.
            (result.Outcome, result.Detail) = (Outcome.Invalid, $"the message has {message.Length} bytes; the limit is {limits.MaxMessageBytes}");
            return;
        }

        var producer = command.Number != 0 && session.Identity.Producer is { } named ? ProducerOf(session, named) : null;
        if (producer is not null && command.Number <= producer.Last)
        {
            result.Outcome = Outcome.Repeated;
            result.Sequence = command.Number == producer.Last ? producer.LastSequence : 0;
            return;
        }

        if (WhyNoPublishes is { } why)
        {
            (result.Outcome, result.Detail) = (Outcome.Unavailable, why);
            return;
        }

        if (limits.Retention.Overflow == Overflow.Refuse && IsRefused(producer, id.Length + message.Length, ref result))
        {
            return;
        }

        LastTime = Math.Max(LastTime, now);
        var sequence = NextSequence++;
        var lifetime = Math.Clamp(command.Milliseconds, 0, MaxLifetime);
        var size = _batch.Publish(LastTime, command.Priority, lifetime, id, message);
        var needed = (ushort)_subscriptions.Count;
        Events.Add(sequence, LastTime, size, _batch.Slot, needed, command.Priority, lifetime > 0);
        ListOf(command.Priority).Add(sequence);
        Published++;
        Count(size, needed);
        if (producer is not null)
        {
            _batch.Produced(producer.Number, command.Number, sequence);
            Producers.Use(producer, command.Number, sequence);
        }

        if (lifetime > 0)
        {
            Limit(sequence, LastTime + lifetime);
        }

        WakeAt(LastTime + _endsAfter);
        Retain();
        result.Outcome = Outcome.Done;
        result.Sequence = sequence;
    }

    private Producer ProducerOf(TopicSession session, string named)
    {
        if (session.Producer is { Place: not null } known)
        {
            return known;
        }

        var owner = session.Identity.Owner;
        if (!Producers.TryGet(owner, named, out var producer))
        {
            producer = Producers.Add(NextProducer++, owner, named);
            _batch.Producer(producer.Number, owner, named);
        }

        session.Producer = producer;
        return producer;
    }

    private bool IsRefused(Producer? producer, int bytes, ref CommandResult result)
    {
        if (bytes > limits.Retention.MaxBytes)
        {
            (result.Outcome, result.Detail) = (Outcome.Invalid, $"the event has {bytes} bytes; the limit of all that wait in the topic is {limits.Retention.MaxBytes}");
            return true;
        }

        var why = producer is not null && producer == _refused.Producer ? _refused.Why : WhyFull(bytes);
        if (why is null)
        {
            return false;
        }

        if (producer is not null)
        {
            _refused = (producer, why);
        }

        (result.Outcome, result.Detail) = (Outcome.Refused, why);
        return true;
    }

    private string? WhyFull(int bytes)
    {
        var retention = limits.Retention;
        return _neededEvents + 1 > retention.MaxEvents ? $"the topic holds {_neededEvents} events that wait; the limit is {retention.MaxEvents}"
            : _neededBytes + bytes > retention.MaxBytes ? $"the topic holds {_neededBytes} bytes of events that wait; the limit is {retention.MaxBytes}"
            : null;
    }
}
