namespace Rookery.Broker;

/// <summary>What a command does.</summary>
public enum CommandKind : byte
{
    /// <summary>Store an event: id, message, priority, time to live, producer's number.</summary>
    Publish,

    /// <summary>Begin or change a subscription, and begin its deliveries: <see cref="Command.Options"/>.</summary>
    Subscribe,

    /// <summary>End a subscription and forget what waits for it. Another's one ends only while no session receives from it.</summary>
    Unsubscribe,

    /// <summary>Settle the oldest delivery in flight that has this id (as text): result <see cref="Outcome.Done"/>.</summary>
    AcknowledgeId,

    /// <summary>Settle every delivery in flight in these ranges: <see cref="CommandResult.Count"/>.</summary>
    AcknowledgeRanges,

    /// <summary>Give the delivery of this id (as text) back, to be delivered again after a delay.</summary>
    ReturnId,

    /// <summary>Give the delivery of this sequence number back, to be delivered again after a delay.</summary>
    ReturnSequence,

    /// <summary>List the subscription's dead letters: <see cref="CommandResult.DeadLetters"/>.</summary>
    ListDead,

    /// <summary>Put one dead letter (by sequence number) or all (0) back: <see cref="CommandResult.Count"/>.</summary>
    ReplayDead,

    /// <summary>Drop one dead letter (by sequence number) or all (0): <see cref="CommandResult.Count"/>.</summary>
    DiscardDead,

    /// <summary>Drop the topic: its events, subscriptions and producers; the number of events: <see cref="CommandResult.Count"/>.</summary>
    DropTopic,
}

/// <summary>One command of a batch. What it means depends on <see cref="Kind"/>; its bytes lie in the batch's buffer.</summary>
public readonly struct Command
{
    /// <summary>What it does.</summary>
    public CommandKind Kind { get; init; }

    /// <summary>Priority of a published event, −128 to 127.</summary>
    public sbyte Priority { get; init; }

    /// <summary>
    /// Id: a JSON token for a publish, plain text for an acknowledgement or a return. For an unsubscribe and the commands about
    /// dead letters the key of another's subscription (<see cref="SubscriptionStats.Key"/>) in its place; empty: the session's own.
    /// </summary>
    public Slice Id { get; init; }

    /// <summary>Message of a published event, JSON without line breaks.</summary>
    public Slice Message { get; init; }

    /// <summary>Index of the first range of an acknowledgement and their number, in <see cref="TopicCommands.Ranges"/>.</summary>
    public Slice Ranges { get; init; }

    /// <summary>Time to live in ms (publish; 0: for ever), or delay in ms (return).</summary>
    public long Milliseconds { get; init; }

    /// <summary>The producer's number (publish; 0: none), or a sequence number (return, replay, discard; 0: all).</summary>
    public long Number { get; init; }

    /// <summary>How to subscribe; null for every other kind.</summary>
    public SubscribeOptions? Options { get; init; }
}

/// <summary>A piece of a batch's buffer or lists.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="Length">How much it is.</param>
public readonly record struct Slice(int Start, int Length);

/// <summary>Sequence numbers from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last, not below the first.</param>
public readonly record struct SequenceRange(long First, long Last);
