namespace Rookery.Broker;

/// <summary>The records of a commit and the batches of commands that wait for it.</summary>
internal sealed class PendingCommit(TopicName topic)
{
    public RecordBatch Batch { get; } = new(topic);

    public List<(TopicCommands Commands, IBatchCompletion Completion)> Waiting { get; } = [];

    /// <summary>Ends all that wait for it with one outcome.</summary>
    public void Fail(Outcome outcome, string detail)
    {
        foreach (var (commands, completion) in Waiting)
        {
            Fail(commands, completion, outcome, detail);
        }

        Waiting.Clear();
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
