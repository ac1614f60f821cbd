namespace Rookery.Broker;

/// <summary>
/// Runs one <c>Topic</c> for a host: gathers what commands record while a write is in flight, commits it as one frame,
/// and then lets results and deliveries out. One call at a time; the host gives it a mailbox.
/// <para>
/// Life: create it, <see cref="Replay"/> every frame the journal has of the topic in order of address, <see cref="Recovered"/>,
/// then the rest in any order, with <see cref="Flush"/> at the end of each turn of the mailbox. When <c>failed</c> is called
/// it is of no use any more: every batch handed to it has been completed (<see cref="Outcome.Unknown"/> or
/// <see cref="Outcome.Unavailable"/>); create another, replay, and hand the living sessions to its <see cref="Recovered"/>.
/// </para>
/// </summary>
public sealed class TopicShell
{
    /// <summary>Creates the shell of an empty topic.</summary>
    /// <param name="name">The topic's name.</param>
    /// <param name="limits">What it allows; validated by the host.</param>
    /// <param name="journal">The topic's log.</param>
    /// <param name="cache">Memory for frames, shared with other topics.</param>
    /// <param name="time">The clock; its UTC time counts.</param>
    /// <param name="post">
    /// Runs an action in the topic's mailbox, later and never within the call, from whatever thread; the host calls
    /// <see cref="Flush"/> at the end of that turn as of every other.
    /// </param>
    /// <param name="failed">Called in the mailbox, once, when the journal failed and the shell must be replaced.</param>
    public TopicShell(
        TopicName name, BrokerLimits limits, ITopicJournal journal, FrameCache cache, TimeProvider time, Action<Action> post, Action<JournalException> failed)
    {
        Name = name;
        _ = (limits, journal, cache, time, post, failed);
    }

    /// <summary>The topic's name.</summary>
    public TopicName Name { get; }

    /// <summary>Whether the journal failed and the shell must be replaced; commands are answered <see cref="Outcome.Unavailable"/>.</summary>
    public bool IsFailed { get; }

    /// <summary>When <see cref="Wake"/> wants to be called, in milliseconds since 1970 (UTC); null: nothing is due. Read it after <see cref="Flush"/>.</summary>
    public long? NextWakeMs { get; }

    /// <summary>Events stored since the shell was made. May be read from any thread, as the two below.</summary>
    public long Published { get; }

    /// <summary>Deliveries made since the shell was made.</summary>
    public long Delivered { get; }

    /// <summary>Deliveries settled since the shell was made.</summary>
    public long Acknowledged { get; }

    /// <summary>Takes in a frame, in order of address.</summary>
    /// <param name="address">Its address, as <see cref="ITopicJournal.AppendAsync"/> gave it.</param>
    /// <param name="records">Its records, without the frame's header (<see cref="FrameHeader.RecordsOf"/>).</param>
    /// <exception cref="InvalidDataException">The records are not readable by this version; the message says what was found.</exception>
    public void Replay(long address, ReadOnlySpan<byte> records) => throw new NotImplementedException();

    /// <summary>
    /// Ends recovery. Subscriptions of sessions that are not among <paramref name="sessions"/> and not durable end; those
    /// that are get their deliveries again.
    /// </summary>
    /// <param name="sessions">Every living session of the host that used this topic; empty after a start.</param>
    public void Recovered(IEnumerable<TopicSession> sessions) => throw new NotImplementedException();

    /// <summary>Executes a batch; <paramref name="completion"/> is told when its results are durable, possibly within <see cref="Flush"/>.</summary>
    public void Execute(TopicCommands commands, TopicSession session, IBatchCompletion completion) => throw new NotImplementedException();

    /// <summary>Adds credit; see <see cref="IBrokerSession.Grant"/>. Nothing happens where the session has no subscription.</summary>
    public void Grant(TopicSession session, long bytes) => throw new NotImplementedException();

    /// <summary>The session ended or lost its name to another: gives back what it had in flight, ends its unnamed subscription.</summary>
    public void Detach(TopicSession session) => throw new NotImplementedException();

    /// <summary>Rewrites what lives in frames with an address in [from, to) to the end of the log, in pieces, while serving.</summary>
    public void Compact(long from, long to) => throw new NotImplementedException();

    /// <summary>Ends a turn of the mailbox: starts a commit if none is in flight, completes and sends what may go out.</summary>
    public void Flush() => throw new NotImplementedException();

    /// <summary>Does what is due by the clock: leases, delays, lifetimes, retention.</summary>
    public void Wake() => throw new NotImplementedException();

    /// <summary>The topic's figures now.</summary>
    public TopicStats GetStats() => throw new NotImplementedException();
}
