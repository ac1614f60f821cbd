using Rookery.Broker;

namespace Rookery.Local;

/// <summary>Something that waits in a topic's mailbox. It is its own place in the queue, so that posting allocates nothing.</summary>
internal abstract class MailboxItem
{
    /// <summary>The next in the queue; the mailbox's.</summary>
    internal MailboxItem? Next { get; set; }

    /// <summary>Does it, in the topic's turn. What it throws is a mistake in the program, and ends the topic's shell.</summary>
    public abstract void Run(TopicMailbox mailbox);
}

/// <summary>An action that waits in a mailbox.</summary>
internal sealed class MailboxAction(Action<TopicMailbox> action) : MailboxItem
{
    public override void Run(TopicMailbox mailbox) => action(mailbox);
}

/// <summary>What a shell put off; dropped when another shell has taken its place.</summary>
internal sealed class ShellAction(TopicShell shell, Action action) : MailboxItem
{
    public override void Run(TopicMailbox mailbox)
    {
        if (mailbox.Shell == shell)
        {
            action();
        }
    }
}

/// <summary>A question that waits in a mailbox, and its answer.</summary>
internal sealed class MailboxQuestion<T>(Func<TopicMailbox, T> question) : MailboxItem
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public override void Run(TopicMailbox mailbox)
    {
        try
        {
            _answer.SetResult(question(mailbox));
        }
        catch (Exception exception)
        {
            _answer.SetException(exception);
            throw;
        }
    }
}
