namespace Rookery.Broker;

/// <summary>
/// Runs one topic for a host: gathers what commands record while a write is in flight, commits it as one frame,
/// and then lets results and deliveries out. One call at a time; the host gives it a mailbox.
/// <para>
/// Life: create it, <see cref="Replay"/> every frame the journal has of the topic in order of address, <see cref="Recovered"/>,
/// then the rest in any order, with <see cref="Flush"/> at the end of each turn of the mailbox. When <c>failed</c> is called
/// it is of no use any more: every batch handed to it has been completed (<see cref="Outcome.Unknown"/> or
/// <see cref="Outcome.Unavailable"/>); create another, replay, and hand the living sessions to its <see cref="Recovered"/>.
/// </para>
/// </summary>
public sealed partial class TopicShell
{
    private readonly Topic _topic;
    private readonly ITopicJournal _journal;
    private readonly FrameCache _cache;
    private readonly TimeProvider _time;
    private readonly Action<Action> _post;
    private readonly Action<JournalException> _failed;

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
        _topic = new Topic(name, limits);
        (_journal, _cache, _time, _post, _failed) = (journal, cache, time, post, failed);
        _gathering = new PendingCommit(name);
        _completeAppend = CompleteAppend;
        _appended = () => _post(_completeAppend);
    }

    /// <summary>The topic's name.</summary>
    public TopicName Name { get; }

    /// <summary>Whether the journal failed and the shell must be replaced; commands are answered <see cref="Outcome.Unavailable"/>.</summary>
    public bool IsFailed { get; private set; }

    /// <summary>When <see cref="Wake"/> wants to be called, in milliseconds since 1970 (UTC); null: nothing is due. Read it after <see cref="Flush"/>.</summary>
    public long? NextWakeMs => IsFailed || _topic.NextWake == long.MaxValue ? null : _topic.NextWake;

    /// <summary>Number of the newest event, whether durable yet or not; 0 where there was none.</summary>
    public long LastSequence => _topic.NextSequence - 1;

    /// <summary>Events stored since the shell was made. May be read from any thread, as the two below.</summary>
    public long Published => _topic.Published;

    /// <summary>Deliveries made since the shell was made.</summary>
    public long Delivered => _topic.Delivered;

    /// <summary>Deliveries settled since the shell was made.</summary>
    public long Acknowledged => _topic.Acknowledged;

    /// <summary>
    /// Bytes of records that are not durable yet: a host that sees them grow does well to wait before it hands over more.
    /// Beyond 32 frames of 4 MiB batches are answered <see cref="Outcome.Unavailable"/>.
    /// </summary>
    public long PendingBytes => _gathering.Batch.Length + (_committing?.Batch.Length ?? 0) + ((long)_queued.Count * MaxGatheredBytes);

    /// <summary>
    /// Why no event can be stored at present, while everything else can; null: it can. Publishes are answered
    /// <see cref="Outcome.Unavailable"/> with it, and what was still to be moved to the end of the log is not, unless the host asks
    /// again. It sets this at the beginning of a turn.
    /// </summary>
    public string? WhyNoPublishes
    {
        get => _topic.WhyNoPublishes;
        set
        {
            if (value is not null && _topic.WhyNoPublishes is null)
            {
                _moving.Clear();
                _movedUpTo = 0;
            }

            _topic.WhyNoPublishes = value;
        }
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Takes in a frame, in order of address.</summary>
    /// <param name="address">Its address, as <see cref="ITopicJournal.AppendAsync"/> gave it.</param>
    /// <param name="records">Its records, without the frame's header (<see cref="FrameHeader.RecordsOf"/>).</param>
    /// <exception cref="InvalidDataException">The records are not readable by this version; the message says what was found.</exception>
    public void Replay(long address, ReadOnlySpan<byte> records) => _topic.Replay(address, records);

    /// <summary>
    /// Ends recovery; to be called for a new topic too. Subscriptions of sessions that are not among
    /// <paramref name="sessions"/> and not durable end; those that are get their deliveries again.
    /// </summary>
    /// <param name="sessions">Every living session of the host that used this topic; empty after a start.</param>
    /// <param name="awaitsSessions">
    /// Sessions may live that the host does not know yet: their subscriptions stay, for a session of the same identity that
    /// subscribes, until <see cref="EndAbsent"/>.
    /// </param>
    public void Recovered(IEnumerable<TopicSession> sessions, bool awaitsSessions = false)
    {
        var now = Now;
        _topic.Begin(_gathering.Batch, now);
        _snapshotSlot = _topic.Recovered(sessions, now, awaitsSessions);
        if (_snapshotSlot >= 0)
        {
            _topic.Frames.ReleaseMetadataBefore(_snapshotSlot, _journal, _cache);
        }

        PendingCommit.TellDropped(Name, _topic.Dropping);
    }

    /// <summary>Ends the subscriptions of sessions that have not come back since <see cref="Recovered"/>.</summary>
    public void EndAbsent()
    {
        if (!IsFailed)
        {
            _topic.EndAbsent();
        }
    }

    /// <summary>Executes a batch; <paramref name="completion"/> is told when its results are durable, possibly within <see cref="Flush"/>.</summary>
    public void Execute(TopicCommands commands, TopicSession session, IBatchCompletion completion)
    {
        if (IsFailed)
        {
            PendingCommit.Fail(commands, completion, Outcome.Unavailable, FailedDetail);
            return;
        }

        var now = Now;
        if (_gathering.Batch.Length >= MaxGatheredBytes)
        {
            if (_queued.Count >= MaxQueued)
            {
                PendingCommit.Fail(commands, completion, Outcome.Unavailable, BehindDetail);
                return;
            }

            QueueGathered(now);
        }

        _restPrepared = false;
        _topic.Execute(commands, session, now);
        if (_topic.Dropping.Count > 0)
        {
            _gathering.Dropped.AddRange(_topic.Dropping);
            _topic.Dropping.Clear();
        }

        _gathering.Waiting.Add((commands, completion));
    }

    /// <summary>Adds credit; see <see cref="IBrokerSession.Grant"/>. Nothing happens where the session has no subscription.</summary>
    public void Grant(TopicSession session, long bytes)
    {
        if (!IsFailed)
        {
            _topic.Grant(session, bytes);
        }
    }

    /// <summary>The session ended or lost its name to another: gives back what it had in flight, ends its unnamed subscription.</summary>
    public void Detach(TopicSession session)
    {
        if (!IsFailed)
        {
            _restPrepared = false;
            _topic.Detach(session, Now);
        }

        session.Subscription = null;
    }

    /// <summary>Ends a turn of the mailbox: starts a commit if none is in flight, completes and sends what may go out.</summary>
    public void Flush()
    {
        if (IsFailed)
        {
            return;
        }

        MoveSome();
        Commit();
        if (!IsFailed)
        {
            FillListings();
            Send();
        }
    }

    /// <summary>Does what is due by the clock: leases, delays, lifetimes, retention.</summary>
    public void Wake()
    {
        if (!IsFailed && Now is var now && now >= _topic.NextWake)
        {
            _topic.Tick(now);
        }
    }

    /// <summary>The topic's figures now.</summary>
    public TopicStats GetStats() => _topic.GetStats();
}
