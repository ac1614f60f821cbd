using System.Text;

namespace Rookery.Broker;

/// <content>Subscriptions come and go.</content>
internal sealed partial class Topic
{
    /// <summary>A session ended or lost its name.</summary>
    public void Detach(TopicSession session, long now)
    {
        if (session.Subscription is { } subscription)
        {
            Use(now);
            Leave(subscription, session, now);
            if (!subscription.Key.IsDurable && subscription.Members.Count == 0)
            {
                End(subscription);
            }
        }
    }

    private void Subscribe(TopicSession session, SubscribeOptions options, long now, long ordinal, ref CommandResult result)
    {
        if (Contradiction(session, options) is { } contradiction)
        {
            (result.Outcome, result.Detail) = (Outcome.Invalid, contradiction);
            return;
        }

        var subscription = session.Subscription;
        if (subscription is null)
        {
            var key = SubscriptionKey.Of(session.Identity, options.Group);
            if (!_subscriptions.TryGetValue(key, out subscription))
            {
                if (_subscriptions.Count >= limits.MaxSubscriptionsPerTopic)
                {
                    (result.Outcome, result.Detail) =
                        (Outcome.Refused, $"the topic has {_subscriptions.Count} subscriptions; the limit is {limits.MaxSubscriptionsPerTopic}");
                    return;
                }

                subscription = Create(key, options);
                result.Flag = true;
            }
        }

        if (Change(subscription, options) || result.Flag)
        {
            _batch.Subscribe(subscription);
            EndLeases(subscription, now);
        }

        session.Window = options.Window ?? (session.Subscription is null ? 1 : session.Window);
        if (session.Subscription is null)
        {
            Join(subscription, session, options.Credit, now);
        }

        session.After = Math.Max(session.After, ordinal);
        WakeAt(subscription.NextDue());
        MarkReady(subscription);
        result.Outcome = Outcome.Done;
    }

    private string? Contradiction(TopicSession session, SubscribeOptions options) =>
        session.TakenOver ? "taken over by another connection"
        : options.Window is { } window && (window < 1 || window > limits.MaxWindow) ? $"window is {window}; it must be between 1 and {limits.MaxWindow}"
        : options.LeaseMs < 0 ? $"lease_ms is {options.LeaseMs}; it must be 0 (none) or more"
        : options.MaxTries < 0 ? $"max_tries is {options.MaxTries}; it must be 0 (no limit) or more"
        : options.Group is { } name && Encoding.UTF8.GetByteCount(name) is 0 or > SessionIdentity.LongestName ? $"group must have 1 to {SessionIdentity.LongestName} bytes"
        : session.Subscription is { } current && options.Group is { } group && current.Key != SubscriptionKey.Of(session.Identity, group)
            ? $"this connection is subscribed to the topic already, as {current.Key}; unsubscribe first"
        : null;

    private Subscription Create(SubscriptionKey key, SubscribeOptions options)
    {
        var from = options.From ?? StartPosition.New;
        var start = Math.Min(NextSequence, from.Kind switch
        {
            StartKind.Start => Events.Next(1),
            StartKind.Sequence => Events.Next(Math.Max(1, from.Value)),
            StartKind.Time => Events.FirstSince(from.Value),
            _ => NextSequence,
        });

        var subscription = new Subscription(key, NextSubscription++, start);
        _subscriptions.Add(key, subscription);
        Place(subscription, start);
        for (var (expected, sequence) = (start, Events.Next(start)); sequence != long.MaxValue; sequence = Events.Next(sequence + 1))
        {
            if (sequence > expected)
            {
                subscription.Gaps.Add(new SequenceRange(expected, sequence - 1));
            }

            Need(sequence, 1);
            expected = sequence + 1;
        }

        return subscription;
    }

    /// <summary>Sets all cursors before an event.</summary>
    private void Place(Subscription subscription, long start)
    {
        foreach (var list in _lists)
        {
            subscription.CursorOf(list) = new Cursor { Place = list.PlaceOf(start), Taken = start - 1 };
        }
    }

    private void Need(long sequence, int subscriptions)
    {
        ref var entry = ref Events.Find(sequence);
        if (entry.Needed == 0 && subscriptions > 0)
        {
            _neededEvents++;
            _neededBytes += entry.Size;
        }

        entry.Needed += (ushort)subscriptions;
    }

    private static bool Change(Subscription subscription, SubscribeOptions options)
    {
        var before = (subscription.LeaseMs, subscription.MaxTries);
        subscription.LeaseMs = options.LeaseMs ?? subscription.LeaseMs;
        subscription.MaxTries = options.MaxTries ?? subscription.MaxTries;
        return before != (subscription.LeaseMs, subscription.MaxTries);
    }

    private void Join(Subscription subscription, TopicSession session, long credit, long now)
    {
        if (subscription.Key.Kind == SubscriptionKind.Client && subscription.Members.Count > 0)
        {
            var older = subscription.Members[0];
            Leave(subscription, older, now);
            older.TakenOver = true;
        }

        session.Subscription = subscription;
        session.InFlight = 0;
        session.Credit = credit;
        if (subscription.LastUsed != 0)
        {
            subscription.LastUsed = 0;
            _batch.Write(RecordKind.Left, subscription.Number, 0);
        }

        subscription.Members.Add(session);
    }

    /// <summary>A member of a group leaves it; the last one, or the only one, ends the subscription.</summary>
    private void Unsubscribe(Subscription subscription, TopicSession session, long now)
    {
        if (subscription.Members.Count > 1)
        {
            Leave(subscription, session, now);
            return;
        }

        End(subscription);
    }

    /// <summary>Ends another's subscription. Those who still receive from it would wait in vain, so it must have no members.</summary>
    private void EndUnused(Subscription subscription, ref CommandResult result)
    {
        if (subscription.Members.Count > 0)
        {
            (result.Outcome, result.Detail) =
                (Outcome.Invalid, $"{subscription.Key} is in use by {(subscription.Members.Count == 1 ? "1 connection" : $"{subscription.Members.Count} connections")}; it can end when nobody receives from it any more");
            return;
        }

        End(subscription);
        result.Outcome = Outcome.Done;
    }

    /// <summary>The subscription that has this key as statistics show it. Seldom asked for: none of them keeps its key as text.</summary>
    private Subscription? Find(ReadOnlySpan<byte> key)
    {
        var wanted = Encoding.UTF8.GetString(key);
        foreach (var subscription in _subscriptions.Values)
        {
            if (subscription.Key.ToString() == wanted)
            {
                return subscription;
            }
        }

        return null;
    }

    private void Leave(Subscription subscription, TopicSession session, long now)
    {
        for (var index = subscription.Flights.Oldest; index >= 0;)
        {
            var next = subscription.Flights.After(index);
            if (subscription.Flights[index].Session == session)
            {
                GiveBack(subscription, index, now, due: 0);
            }

            index = next;
        }

        subscription.Members.Remove(session);
        session.Subscription = null;
        if (subscription.Members.Count == 0 && subscription.Key.IsDurable)
        {
            subscription.LastUsed = now;
            _batch.Write(RecordKind.Left, subscription.Number, now);
            WakeAt(UnusedAt(subscription));
        }

        MarkReady(subscription);
    }

    /// <summary>Ends a subscription and forgets what waits for it.</summary>
    private void End(Subscription subscription)
    {
        foreach (var member in subscription.Members)
        {
            (member.Subscription, member.InFlight) = (null, 0);
        }

        subscription.Members.Clear();
        subscription.HasEnded = true;
        _subscriptions.Remove(subscription.Key);
        _batch.Write(RecordKind.Unsubscribe, subscription.Number);

        foreach (var list in _lists)
        {
            ref var cursor = ref subscription.CursorOf(list);
            while (list.TryFind(ref cursor.Place, Events, out var sequence))
            {
                cursor.Place++;
                Unneed(sequence);
            }
        }

        _scratch.Clear();
        subscription.Flights.CopySequencesTo(_scratch);
        foreach (var sequence in _scratch.Span)
        {
            Unneed(sequence);
        }

        for (var i = 0; i < (subscription.Dead?.Count ?? 0); i++)
        {
            Unneed(subscription.Dead!.GetKeyAtIndex(i));
        }
    }

    private long UnusedAt(Subscription subscription) => subscription.LastUsed + (long)limits.UnusedSubscription.TotalMilliseconds;
}
