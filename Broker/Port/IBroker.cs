namespace Rookery.Broker;

/// <summary>
/// The broker as the faces of a server see it. Nothing in it assumes that topics live in the same process: commands
/// travel in batches, an outcome may be unknown, and deliveries flow under credit.
/// </summary>
public interface IBroker
{
    /// <summary>The limits clients are held to, for <c>hello</c> and error messages.</summary>
    BrokerLimits Limits { get; }

    /// <summary>
    /// Opens a session. Where its name is in use, the older session is closed first with <see cref="SessionEnd.TakenOver"/>.
    /// </summary>
    /// <exception cref="BrokerUnavailableException">The broker stops, is full, or cannot be reached.</exception>
    ValueTask<IBrokerSession> OpenAsync(SessionIdentity identity, ISessionReceiver receiver, CancellationToken cancellationToken);

    /// <summary>What there is to know of every topic, in order of name.</summary>
    ValueTask<IReadOnlyList<TopicStats>> GetTopicsAsync(CancellationToken cancellationToken);

    /// <summary>What there is to know of one topic, or null where there is none of that name.</summary>
    ValueTask<TopicStats?> GetTopicAsync(TopicName topic, CancellationToken cancellationToken);

    /// <summary>What there is to know of the broker as a whole.</summary>
    ValueTask<BrokerStats> GetStatsAsync(CancellationToken cancellationToken);
}
