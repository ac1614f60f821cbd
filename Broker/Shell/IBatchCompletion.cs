namespace Rookery.Broker;

/// <summary>Told once when every command of a batch has its result, durable where the result says so. A host pools these.</summary>
public interface IBatchCompletion
{
    /// <summary>
    /// The results of <paramref name="commands"/> are final; the batch belongs to its owner again. Called in the topic's
    /// mailbox: return soon, and do not call the topic from here.
    /// </summary>
    void Complete(TopicCommands commands);
}
