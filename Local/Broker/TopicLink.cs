using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// One session at one topic. Credit that the session grants gathers here until the topic's turn; the link itself is the item
/// in the mailbox, at most once.
/// </summary>
internal sealed class TopicLink(TopicMailbox mailbox, TopicSession session, LocalSession owner) : MailboxItem
{
    private long _granted;
    private int _posted;

    public TopicMailbox Mailbox => mailbox;

    public TopicSession Session => session;

    /// <summary>Whether the session ended here. Changed in a turn.</summary>
    public bool IsDetached { get; private set; }

    /// <summary>Whether the mailbox counts it among its links. Changed in a turn.</summary>
    public bool IsKnown { get; set; }

    public void Grant(long bytes)
    {
        Interlocked.Add(ref _granted, bytes);
        if (Interlocked.Exchange(ref _posted, 1) == 0)
        {
            mailbox.Post(this);
        }
    }

    public override void Run(TopicMailbox topic)
    {
        Volatile.Write(ref _posted, 0);
        ApplyCredit();
    }

    /// <summary>Hands the credit to the topic, in its turn; without a sound shell it stays for the next one.</summary>
    public void ApplyCredit()
    {
        if (mailbox.Shell is { IsFailed: false } shell && !IsDetached && Interlocked.Exchange(ref _granted, 0) is var bytes and not 0)
        {
            shell.Grant(session, bytes);
        }
    }

    /// <summary>Ends the session at the topic; completes when that is done, so that nothing more is delivered.</summary>
    public Task DetachAsync() => mailbox.Ask(
        topic =>
        {
            IsDetached = true;
            topic.Detach(this);
            return true;
        },
        closed: true);

    /// <summary>The mailbox is closed: the session drops the link.</summary>
    public void Forget() => owner.Forget(this);
}
