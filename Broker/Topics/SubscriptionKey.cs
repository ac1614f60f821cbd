namespace Rookery.Broker;

/// <summary>What a subscription belongs to.</summary>
internal enum SubscriptionKind : byte
{
    /// <summary>One session; ends with it.</summary>
    Session,

    /// <summary>A named client.</summary>
    Client,

    /// <summary>A group of sessions.</summary>
    Group,
}

/// <summary>Whose a subscription is. Names of clients and groups belong to their owner, where the server knows owners.</summary>
internal readonly record struct SubscriptionKey(SubscriptionKind Kind, string? Owner, string Name)
{
    /// <summary>Whether it outlives its sessions.</summary>
    public bool IsDurable => Kind != SubscriptionKind.Session;

    public static SubscriptionKey Of(SessionIdentity identity, string? group) =>
        group is not null ? new(SubscriptionKind.Group, identity.Owner, group)
        : identity.Name is not null ? new(SubscriptionKind.Client, identity.Owner, identity.Name)
        : new(SubscriptionKind.Session, null, identity.Id.ToString("N"));

    /// <summary>
    /// As statistics show it and commands take it. An owner has no slash, and a name may have some: one without an owner then begins
    /// with a slash, so that nobody can give himself the key of somebody else's.
    /// </summary>
    public override string ToString()
    {
        var kind = Kind switch { SubscriptionKind.Group => "group", SubscriptionKind.Client => "client", _ => "session" };
        return Owner is null && !Name.Contains('/', StringComparison.Ordinal) ? $"{kind}:{Name}" : $"{kind}:{Owner}/{Name}";
    }
}
