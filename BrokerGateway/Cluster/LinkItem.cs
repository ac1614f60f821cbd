using Rookery.Broker;

namespace Rookery.BrokerGateway;

/// <summary>Something that waits to be sent to a topic: a batch of commands, a grant (no commands), or the end of a session.</summary>
internal sealed class LinkItem(LinkSession session, TopicCommands? commands, bool leaves, long since)
{
    // Continuations are posted: they must not hold up the link.
    private readonly TaskCompletionSource? _done =
        commands is null && !leaves ? null : new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public LinkSession Session => session;

    public TopicCommands? Commands => commands;

    public bool Leaves => leaves;

    /// <summary>Nothing but publishes: its result does not depend on what was delivered.</summary>
    public bool IsPublish
    {
        get
        {
            foreach (ref readonly var command in commands!.Commands)
            {
                if (command.Kind != CommandKind.Publish)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>When it was handed in, a timestamp.</summary>
    public long Since => since;

    public Task Done => _done?.Task ?? Task.CompletedTask;

    public void Complete() => _done?.TrySetResult();

    public static void Fail(TopicCommands commands, Outcome outcome, string detail)
    {
        foreach (ref var result in commands.Results)
        {
            result = new CommandResult { Outcome = outcome, Detail = detail };
        }
    }
}
