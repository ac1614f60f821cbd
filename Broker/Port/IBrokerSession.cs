namespace Rookery.Broker;

/// <summary>
/// One client's way into the broker. Disposing it ends the session: what was in flight is given back, unnamed
/// subscriptions end.
/// </summary>
public interface IBrokerSession : IAsyncDisposable
{
    /// <summary>Who opened the session.</summary>
    SessionIdentity Identity { get; }

    /// <summary>
    /// Executes the commands of a batch in order and completes once each has its result, which is durable by then.
    /// Batches for one topic are executed in the order of the calls; those for different topics independently.
    /// The batch belongs to the broker until then. Never throws for what happens to a command: every failure is a result.
    /// </summary>
    ValueTask ExecuteAsync(TopicCommands commands);

    /// <summary>
    /// Allows the session's subscription to this topic to send that many bytes more. A delivery costs
    /// <see cref="Delivery.Cost"/>; it is sent while the credit is positive, and may make it negative.
    /// A subscription starts with <see cref="SubscribeOptions.Credit"/>.
    /// </summary>
    void Grant(TopicName topic, long bytes);
}
