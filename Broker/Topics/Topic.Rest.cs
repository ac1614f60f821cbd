namespace Rookery.Broker;

/// <content>How a topic goes: because somebody drops it, or because nothing is in it and nobody uses it.</content>
internal sealed partial class Topic
{
    private readonly long _unusedMs = (long)limits.UnusedTopic.TotalMilliseconds;
    private long _usedAt;
    private bool _unusedSeen;

    /// <summary>Neither events nor subscriptions are in it.</summary>
    public bool IsEmpty => Events.Count == 0 && _subscriptions.Count == 0;

    /// <summary>Whether an empty topic has a number or producers that somebody may come back for.</summary>
    public bool HasPast => NextSequence > 1 || Producers.Count > 0;

    /// <summary>When it was used last, in ms since 1970.</summary>
    public long UsedAt => _usedAt;

    /// <summary>Sessions whose subscriptions ended with the topic, to be told once that is durable.</summary>
    public List<EndedMember> Dropping { get; } = [];

    private long UnusedSince => _usedAt + _unusedMs;

    /// <summary>Whether it may be given back.</summary>
    public bool IsUnused(long now) => IsEmpty && UnusedSince <= now;

    /// <summary>Takes in what was remembered of it while it was given back, before <see cref="Recovered"/>.</summary>
    /// <param name="resting">What is remembered.</param>
    /// <param name="isHeld">Whether the journal still holds the frame that says so.</param>
    /// <param name="isUsed">Whether somebody is about to use it.</param>
    public void Resume(RestingTopic resting, bool isHeld, bool isUsed)
    {
        var reader = new RecordReader(resting.Records.Span);
        reader.Read();
        _history.Length = 0;
        _history.Bytes(reader.Record);
        (NextSequence, LastTime, _usedAt) = (reader.NextSequence, reader.BaseTime, isUsed ? 0 : resting.UsedAt);
        if (isHeld)
        {
            _snapshotSlot = Frames.Open();
            Frames.Written(_snapshotSlot, resting.Address, resting.Bytes, eventBytes: 0);
        }
    }

    /// <summary>Somebody uses it, or is about to.</summary>
    public void Use(long now)
    {
        _usedAt = now;
        _unusedSeen = false;
    }

    /// <summary>Ends everything at once. The numbers of events go on, so that nobody mistakes a new event for an old one.</summary>
    private void Drop(long now, ref CommandResult result)
    {
        result.Outcome = Outcome.Done;
        result.Count = (int)Math.Min(Events.Count, int.MaxValue);
        foreach (var subscription in _subscriptions.Values)
        {
            (subscription.HasEnded, subscription.IsDropped) = (true, true);
            foreach (var member in subscription.Members)
            {
                (member.Subscription, member.InFlight) = (null, 0);
                Dropping.Add(new EndedMember(member, subscription, member.After));
            }

            subscription.Members.Clear();
        }

        _subscriptions.Clear();
        Producers.Clear();
        for (var sequence = Events.Next(1); sequence != long.MaxValue; sequence = Events.Next(sequence + 1))
        {
            Die(sequence, ref Events.Find(sequence));
        }

        (Floor, _keepFrom) = (NextSequence - 1, NextSequence);
        _batch.Write(RecordKind.Dropped, Floor);

        // Nobody has to wait until it goes.
        _usedAt = now - _unusedMs;
    }
}
