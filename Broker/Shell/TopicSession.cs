namespace Rookery.Broker;

/// <summary>
/// A session as one topic knows it: one object per session and topic, made by the host and handed to the topic's shell with
/// every call. It remembers how the session subscribed, so that the same object can be attached again to the shell that
/// replaces a failed one (<see cref="TopicShell.Recovered"/>).
/// </summary>
/// <param name="identity">Who opened the session.</param>
/// <param name="receiver">Where its deliveries go.</param>
public sealed class TopicSession(SessionIdentity identity, ISessionReceiver receiver)
{
    /// <summary>Who opened the session.</summary>
    public SessionIdentity Identity { get; } = identity;

    /// <summary>Where its deliveries go.</summary>
    public ISessionReceiver Receiver { get; } = receiver;

    /// <summary>Whether the session has a subscription to the topic at present, as far as the shell executed its commands.</summary>
    public bool IsSubscribed => Subscription is not null;

    internal Subscription? Subscription { get; set; }

    internal Producer? Producer { get; set; }

    /// <summary>Most in flight here.</summary>
    internal int Window { get; set; }

    /// <summary>In flight here.</summary>
    internal int InFlight { get; set; }

    /// <summary>Bytes that may still be sent.</summary>
    internal long Credit { get; set; }

    /// <summary>The batch whose replies come before its next deliveries.</summary>
    internal long After { get; set; }

    /// <summary>Another session of the same name has what was this one's.</summary>
    internal bool TakenOver { get; set; }

    /// <summary>Whether it is the other one, or that client when it had another connection.</summary>
    internal bool IsClientOf(TopicSession other) =>
        this == other || (Identity.Name is not null && Identity.Name == other.Identity.Name && Identity.Owner == other.Identity.Owner);

    /// <summary>Deliveries on their way to <see cref="Receiver"/>.</summary>
    internal PlainList<Delivery>? Outgoing { get; set; }
}
