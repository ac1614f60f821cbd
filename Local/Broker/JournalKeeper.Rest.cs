using Rookery.Broker;

namespace Rookery.Local;

/// <content>Topics that nobody uses are given back, and begun again where they ended.</content>
internal sealed partial class JournalKeeper
{
    private readonly RestingTopics _resting;

    /// <summary>Topics that were given back and are remembered.</summary>
    public int Resting
    {
        get
        {
            lock (_gate)
            {
                return _resting.Count;
            }
        }
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    bool IMailboxOwner.Rest(TopicMailbox mailbox, TopicShell shell, RestingTopic? resting)
    {
        lock (_gate)
        {
            if (!IsServing || _journal is not { } journal || !mailbox.TryClose())
            {
                return false;
            }

            Topics.Remove(mailbox);
            _discarded = _discarded.Plus(shell);
            if (resting is not null)
            {
                _resting.Add(resting, journal.For(mailbox.Topic), journal, Now);
            }
            else if (journal.For(mailbox.Topic) is { FirstSegment: 0 } unwritten)
            {
                journal.Forget(unwritten);
            }
        }

        JournalMetrics.GivenBack.Add(1);
        return true;
    }

    void IJournalListener.Deleted() => ThreadPool.UnsafeQueueUserWorkItem(
        static keeper =>
        {
            lock (keeper._gate)
            {
                if (keeper is { IsServing: true, _journal: { } journal })
                {
                    keeper._resting.Sweep(journal, keeper.Now);
                }
            }
        },
        this, preferLocal: false);

    /// <summary>A mailbox with a shell that goes on where the topic ended, or begins. Under the gate.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="journal">The journal.</param>
    /// <param name="then">What its first turn does next.</param>
    private TopicMailbox Begin(TopicName topic, SharedJournal journal, Action<TopicShell>? then) =>
        Topics.GetOrAdd(topic, mailbox =>
        {
            var shell = NewShell(mailbox, journal.For(topic));
            if (_resting.TryTake(topic, out var rest))
            {
                shell.Resume(rest.Topic, rest.IsHeld, isUsed: then is null);
            }

            mailbox.Post(turn =>
            {
                turn.Install(shell);
                then?.Invoke(shell);
            });
        });

    void IJournalListener.Compact(TopicName topic, long from, long to)
    {
        if (Topics.Find(topic)?.Post(mailbox => mailbox.Shell?.Compact(from, to)) == true)
        {
            return;
        }

        // One that was given back gets a shell for as long as it takes.
        ThreadPool.UnsafeQueueUserWorkItem(
            static state =>
            {
                var (keeper, topic, from, to) = state;
                lock (keeper._gate)
                {
                    if (keeper is { IsServing: true, _journal: { } journal } && keeper._resting.IsAt(topic, from, to, journal, keeper.Now))
                    {
                        keeper.Begin(topic, journal, shell => shell.Compact(from, to));
                    }
                }
            },
            (this, topic, from, to), preferLocal: false);
    }
}
