namespace Rookery.Grains.Interfaces;

/// <summary>
/// One topic of the cluster; its key is the topic's name. Gateways speak for the sessions of their clients: each gateway has
/// one link to the topic, over which commands go in order (<see cref="ExchangeAsync"/>) and deliveries come back as the
/// gateway asks for them (<see cref="PullAsync"/>). A link belongs to one activation, and its epoch names it: what another
/// activation says is not for this link. A gateway that is not heard of for its lease loses its link: what its sessions had
/// in flight is given back.
/// </summary>
[Alias("Rookery.ITopicGrain")]
public interface ITopicGrain : IGrainWithStringKey
{
    /// <summary>
    /// Makes a link, or executes what sessions of the gateway want, and completes when it is durable. Asking again with the same
    /// number does nothing again and gives the same answer.
    /// </summary>
    [Alias("Exchange")]
    Task<ExchangeReply> ExchangeAsync(ExchangeRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes deliveries: those there are, or the first that come within the silo's poll time, or none. Says which were
    /// received before; what was not is sent again.
    /// </summary>
    [Alias("Pull")]
    Task<PullReply> PullAsync(PullRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes for a part of the cluster itself, which needs no gateway and no session; completes when it is durable. Numbered
    /// events of a producer are stored once, so what is sent again is recognised. Producers of the cluster are not those of
    /// clients, whatever their names.
    /// </summary>
    [Alias("Publish")]
    Task<PublishReply> PublishAsync(PublishRequest request, CancellationToken cancellationToken = default);

    /// <summary>The topic's figures.</summary>
    [Alias("GetStats")]
    Task<TopicStatsReply> GetStatsAsync(CancellationToken cancellationToken = default);
}
