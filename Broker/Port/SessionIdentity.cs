namespace Rookery.Broker;

/// <summary>Who opened a session, as its <c>hello</c> said.</summary>
public sealed record SessionIdentity
{
    /// <summary>Longest name of a client, a group or a producer, in bytes of UTF-8.</summary>
    public const int LongestName = 200;

    /// <summary>Names this one session: unique among all sessions of all servers, ever.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Durable name of the client (<c>as</c>): its subscriptions outlive the session. Null: none.</summary>
    public string? Name { get; init; }

    /// <summary>Whose names these are: the holder of the token, or null on a server without tokens.</summary>
    public string? Owner { get; init; }

    /// <summary>Name of this publisher (<c>producer</c>); its numbered events are stored once. Null: none.</summary>
    public string? Producer { get; init; }
}
