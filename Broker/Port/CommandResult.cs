namespace Rookery.Broker;

/// <summary>What came of a command.</summary>
public enum Outcome : byte
{
    /// <summary>Not executed yet.</summary>
    Pending,

    /// <summary>Done, and durable as the server promises.</summary>
    Done,

    /// <summary>A numbered publish that was stored before; <see cref="CommandResult.Sequence"/> is the first one's where still known, else 0.</summary>
    Repeated,

    /// <summary>The session has no subscription to the topic, or the topic none with the key that was named.</summary>
    NotSubscribed,

    /// <summary>No delivery in flight, or no dead letter, has that id or number.</summary>
    NoSuchEvent,

    /// <summary>A limit stands in the way at present; <see cref="CommandResult.Detail"/> names it and its bound.</summary>
    Refused,

    /// <summary>The command contradicts what is there, or can never be executed; <see cref="CommandResult.Detail"/> says how.</summary>
    Invalid,

    /// <summary>Not executed, for certain: the broker cannot store at present. Try again later.</summary>
    Unavailable,

    /// <summary>It may or may not have been executed: a write failed or a deadline passed.</summary>
    Unknown,

    /// <summary>There is no such topic.</summary>
    NoSuchTopic,
}

/// <summary>The result of one command.</summary>
public struct CommandResult
{
    /// <summary>What came of it.</summary>
    public Outcome Outcome { get; set; }

    /// <summary>
    /// After an acknowledgement or a return: nothing is waiting or in flight for the subscription any more.
    /// After a subscribe: the subscription is new.
    /// </summary>
    public bool Flag { get; set; }

    /// <summary>How many events it touched.</summary>
    public int Count { get; set; }

    /// <summary>Number of the event in its topic.</summary>
    public long Sequence { get; set; }

    /// <summary>For a failure, what was wrong and what is allowed; a sentence without the "error:" in front.</summary>
    public string? Detail { get; set; }

    /// <summary>The dead letters asked for; null unless they were.</summary>
    public IReadOnlyList<DeadLetter>? DeadLetters { get; set; }
}

/// <summary>An event that a subscription gave up on.</summary>
/// <param name="Sequence">Its number in the topic.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="PublishedAt">When it was published, in milliseconds since 1970 (UTC).</param>
/// <param name="DiedAt">When it was given up, in milliseconds since 1970 (UTC).</param>
/// <param name="Tries">How often it had been delivered.</param>
/// <param name="Id">The publisher's id as a JSON token, UTF-8.</param>
/// <param name="Message">The message as JSON, UTF-8.</param>
public sealed record DeadLetter(
    long Sequence, sbyte Priority, long PublishedAt, long DiedAt, int Tries, ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> Message);
