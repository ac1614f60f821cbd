namespace Rookery.Broker;

/// <summary>The records of a commit and the batches of commands that wait for it.</summary>
internal sealed class PendingCommit(TopicName topic)
{
    public RecordBatch Batch { get; } = new(topic);

    public List<(TopicCommands Commands, IBatchCompletion Completion)> Waiting { get; } = [];

    /// <summary>Sessions whose subscriptions it ended with the topic.</summary>
    public List<(TopicSession Session, Subscription Subscription)> Dropped { get; } = [];

    /// <summary>Tells sessions that the topic was dropped.</summary>
    public static void TellDropped(TopicName topic, List<(TopicSession Session, Subscription Subscription)> dropped)
    {
        foreach (var (session, _) in dropped)
        {
            session.Receiver.Dropped(topic, session.After);
        }

        dropped.Clear();
    }

    /// <summary>Ends all that wait for it with one outcome.</summary>
    public void Fail(Outcome outcome, string detail)
    {
        foreach (var (commands, completion) in Waiting)
        {
            Fail(commands, completion, outcome, detail);
        }

        Waiting.Clear();

        // Nobody knows whether the topic was dropped: recovery will tell, by whether the subscriptions are there.
        foreach (var (session, subscription) in Dropped)
        {
            session.Subscription ??= subscription;
        }

        Dropped.Clear();
    }

    public static void Fail(TopicCommands commands, IBatchCompletion completion, Outcome outcome, string detail)
    {
        foreach (ref var result in commands.Results)
        {
            result = new CommandResult { Outcome = outcome, Detail = detail };
        }

        completion.Complete(commands);
    }
}
