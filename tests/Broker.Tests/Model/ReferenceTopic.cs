namespace Rookery.Broker.Tests.Model;

/// <summary>What a topic ought to do, said as plainly as possible: sorted lists, copies of everything, no thought of speed.</summary>
internal sealed class ReferenceTopic
{
    public long Next { get; set; } = 1;

    public SortedDictionary<long, ReferenceEvent> Events { get; private set; } = [];

    public SortedDictionary<string, ReferenceSubscription> Subscriptions { get; private set; } = new(StringComparer.Ordinal);

    public Dictionary<string, (long Last, long Sequence)> Producers { get; private set; } = [];

    public ReferenceTopic Copy() => new()
    {
        Next = Next,
        Events = new(Events),
        Subscriptions = new(Subscriptions.ToDictionary(pair => pair.Key, pair => pair.Value.Copy()), StringComparer.Ordinal),
        Producers = new(Producers),
    };

    public long Publish(sbyte priority, long expiry, int keep)
    {
        var sequence = Next++;
        Events.Add(sequence, new ReferenceEvent(priority, expiry));
        foreach (var subscription in Subscriptions.Values)
        {
            subscription.Unsettled.Add(sequence, new ReferenceState());
        }

        Cull(keep);
        return sequence;
    }

    public ReferenceSubscription Subscribe(string key, long start)
    {
        var subscription = new ReferenceSubscription(key);
        foreach (var sequence in Events.Keys.Where(sequence => sequence >= start))
        {
            subscription.Unsettled.Add(sequence, new ReferenceState());
        }

        Subscriptions.Add(key, subscription);
        return subscription;
    }

    public void Drop()
    {
        Events.Clear();
        Subscriptions.Clear();
        Producers.Clear();
    }

    /// <summary>Ends what nobody needs and is not among the newest.</summary>
    public void Cull(int keep)
    {
        foreach (var sequence in Events.Keys.Where(sequence => sequence < Next - keep && !IsNeeded(sequence)).ToList())
        {
            Events.Remove(sequence);
        }
    }

    public void Expire(long now)
    {
        foreach (var (sequence, _) in Events.Where(pair => pair.Value.Expiry > 0 && pair.Value.Expiry <= now).ToList())
        {
            Events.Remove(sequence);
            foreach (var subscription in Subscriptions.Values)
            {
                if (subscription.Unsettled.TryGetValue(sequence, out var state) && state.Phase != Phase.InFlight)
                {
                    subscription.Unsettled.Remove(sequence);
                }
            }
        }
    }

    /// <summary>What the subscription is to get next, in order.</summary>
    public IEnumerable<long> Deliverable(ReferenceSubscription subscription, long durable, long now) =>
        from pair in subscription.Unsettled
        where pair.Value.Phase == Phase.Waiting && pair.Value.Due <= now && pair.Key <= durable
        orderby Events[pair.Key].Priority descending, pair.Key
        select pair.Key;

    public void GiveBack(ReferenceSubscription subscription, long sequence, long due)
    {
        var state = subscription.Unsettled[sequence];
        if (!Events.ContainsKey(sequence))
        {
            subscription.Unsettled.Remove(sequence);
            return;
        }

        var isDead = subscription.MaxTries > 0 && state.Tries >= subscription.MaxTries;
        (state.Phase, state.Due) = isDead ? (Phase.Dead, 0) : (Phase.Waiting, due);
    }

    /// <summary>All sessions are gone: what was in flight is back, and one try may be forgotten.</summary>
    public void Restart()
    {
        foreach (var subscription in Subscriptions.Values)
        {
            foreach (var (sequence, state) in subscription.Unsettled.ToList())
            {
                state.HasId = false;
                state.Holder = null;
                if (!Events.ContainsKey(sequence))
                {
                    subscription.Unsettled.Remove(sequence);
                }
                else if (state.Phase == Phase.InFlight)
                {
                    (state.Phase, state.Due, state.Tries) = (Phase.Waiting, 0, state.Tries - 1);
                }
            }
        }
    }

    private bool IsNeeded(long sequence) => Subscriptions.Values.Any(subscription => subscription.Unsettled.ContainsKey(sequence));
}

internal sealed record ReferenceEvent(sbyte Priority, long Expiry);

internal sealed class ReferenceSubscription(string key)
{
    public string Key { get; } = key;

    public bool IsGroup => Key.StartsWith("group", StringComparison.Ordinal);

    public bool IsDurable => !Key.StartsWith("session", StringComparison.Ordinal);

    public int LeaseMs { get; set; }

    public int MaxTries { get; set; }

    public SortedDictionary<long, ReferenceState> Unsettled { get; private set; } = [];

    public int Count(Phase phase) => Unsettled.Values.Count(state => state.Phase == phase);

    public ReferenceSubscription Copy() => new(Key)
    {
        LeaseMs = LeaseMs,
        MaxTries = MaxTries,
        Unsettled = new(Unsettled.ToDictionary(pair => pair.Key, pair => pair.Value.Copy())),
    };
}

internal enum Phase
{
    Waiting,
    InFlight,
    Dead,
}

internal sealed class ReferenceState
{
    public Phase Phase { get; set; }

    public int Tries { get; set; }

    public long Due { get; set; }

    public long SentAt { get; set; }

    public long SentOrder { get; set; }

    public object? Holder { get; set; }

    public bool HasId { get; set; }

    public ReferenceState Copy() => (ReferenceState)MemberwiseClone();
}
