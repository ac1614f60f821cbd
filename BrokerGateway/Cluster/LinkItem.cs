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
    public bool IsPublish => All(static (in Command command) => command.Kind == CommandKind.Publish);

    /// <summary>Nothing but numbered publishes: executed twice they are stored once.</summary>
    public bool IsRepeatable => commands is not null && All(static (in Command command) => command is { Kind: CommandKind.Publish, Number: > 0 });

    /// <summary>When it was handed in, a timestamp.</summary>
    public long Since => since;

    /// <summary>Its commands have the results that the topic gave. Whoever handed them in may already use them for something else.</summary>
    public bool IsAnswered { get; set; }

    public Task Done => _done?.Task ?? Task.CompletedTask;

    public void Complete() => _done?.TrySetResult();

    public static void Fail(TopicCommands commands, Outcome outcome, string detail)
    {
        foreach (ref var result in commands.Results)
        {
            result = new CommandResult { Outcome = outcome, Detail = detail };
        }
    }

    private bool All(CommandTest holds)
    {
        foreach (ref readonly var command in commands!.Commands)
        {
            if (!holds(in command))
            {
                return false;
            }
        }

        return true;
    }

    private delegate bool CommandTest(in Command command);
}
