namespace Rookery.Broker;

/// <summary>The receiving end of a session: where deliveries arrive. Called from any thread, possibly concurrently.</summary>
public interface ISessionReceiver
{
    /// <summary>
    /// Takes deliveries of one topic. What they point to is valid only until this returns: copy it out, and do not wait.
    /// </summary>
    /// <param name="topic">The topic they come from.</param>
    /// <param name="after">
    /// They may be shown to the client once the replies to all batches up to this <see cref="TopicCommands.Ordinal"/> are.
    /// </param>
    /// <param name="deliveries">The deliveries, in order.</param>
    void Deliver(TopicName topic, long after, ReadOnlySpan<Delivery> deliveries);

    /// <summary>
    /// Somebody dropped the topic, and with it the session's subscription: no delivery of it comes any more. As durable as a
    /// reply; to be shown to the client like a delivery, after the replies up to <paramref name="after"/>.
    /// </summary>
    void Dropped(TopicName topic, long after);

    /// <summary>The broker ended the session; nothing more will come, and commands fail.</summary>
    void Close(SessionEnd reason);
}

/// <summary>Why the broker ended a session.</summary>
public enum SessionEnd
{
    /// <summary>Another session opened with the same name.</summary>
    TakenOver,

    /// <summary>The broker is shutting down.</summary>
    ShuttingDown,

    /// <summary>The broker lost touch with the topics (a cluster out of reach).</summary>
    Lost,
}
