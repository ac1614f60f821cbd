namespace Rookery.Broker;

/// <summary>The records of a commit and the batches of commands that wait for it.</summary>
internal sealed class PendingCommit(TopicName topic)
{
    public RecordBatch Batch { get; } = new(topic);

    public List<(TopicCommands Commands, IBatchCompletion Completion)> Waiting { get; } = [];

    /// <summary>Sessions whose subscriptions it ended with the topic.</summary>
    public List<EndedMember> Dropped { get; } = [];

    /// <summary>Tells sessions that the topic was dropped.</summary>
    public static void TellDropped(TopicName topic, List<EndedMember> dropped)
    {
        foreach (var (session, _, after) in dropped)
        {
            session.Receiver.Dropped(topic, after);
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
        foreach (var (session, subscription, _) in Dropped)
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

/// <summary>A session whose subscription ended with the topic.</summary>
/// <param name="Session">The session.</param>
/// <param name="Subscription">What it had.</param>
/// <param name="After">The reply that stands before it: it may have subscribed again since.</param>
internal readonly record struct EndedMember(TopicSession Session, Subscription Subscription, long After);
