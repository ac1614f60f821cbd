namespace Rookery.Grains.Interfaces;

/// <summary>
/// Who has which name, among the clients of all gateways: one of <see cref="RegistryShards"/> parts of that. It lives in memory;
/// gateways renew what they hold, and claim it again where the part began anew.
/// </summary>
[Alias("Rookery.ISessionRegistryGrain")]
public interface ISessionRegistryGrain : IGrainWithIntegerKey
{
    /// <summary>Takes a name for a session. Who had it before is told first, and has given up what was its.</summary>
    /// <returns>The epoch of this part.</returns>
    [Alias("Claim")]
    Task<Guid> ClaimAsync(Guid gateway, SessionClaim claim, ISessionObserver observer, CancellationToken cancellationToken = default);

    /// <summary>Gives a name up, where the session still has it.</summary>
    [Alias("Release")]
    Task ReleaseAsync(SessionClaim claim, CancellationToken cancellationToken = default);

    /// <summary>Renews what a gateway holds here, and says how many sessions it has.</summary>
    [Alias("Renew")]
    Task<RenewReply> RenewAsync(Guid gateway, Guid epoch, int sessions, CancellationToken cancellationToken = default);

    /// <summary>Claims names again, in a part that began anew. Of two with one name the one opened later keeps it.</summary>
    [Alias("Restore")]
    Task<Guid> RestoreAsync(Guid gateway, SessionClaim[] claims, ISessionObserver observer, CancellationToken cancellationToken = default);
}

/// <summary>Told by the registry; lives in a gateway. It may wake, it is not trusted: topics settle who receives.</summary>
[Alias("Rookery.ISessionObserver")]
public interface ISessionObserver : IGrainObserver
{
    /// <summary>Another session has this one's name now; completes when the session has left its topics.</summary>
    [Alias("TakenOver")]
    Task TakenOverAsync(Guid session);
}

/// <summary>A session and its name.</summary>
/// <param name="Owner">Whose names these are, or null.</param>
/// <param name="Name">The name.</param>
/// <param name="Session">The session; a version 7 id, which tells when it was opened.</param>
[GenerateSerializer, Immutable, Alias("Rookery.SessionClaim")]
public sealed record SessionClaim([property: Id(0)] string? Owner, [property: Id(1)] string Name, [property: Id(2)] Guid Session);

/// <summary>What a gateway learns when it renews.</summary>
/// <param name="Epoch">The epoch of this part; not the one the gateway knows: claim everything again.</param>
/// <param name="Sessions">Sessions open at all gateways that renewed lately.</param>
[GenerateSerializer, Immutable, Alias("Rookery.RenewReply")]
public sealed record RenewReply([property: Id(0)] Guid Epoch, [property: Id(1)] int Sessions);

/// <summary>How names are divided among the parts of the registry.</summary>
public static class RegistryShards
{
    /// <summary>Parts there are. To change it while gateways run would let two sessions have one name.</summary>
    public const int Count = 32;

    /// <summary>The part that a name belongs to, by FNV-1a over its UTF-16 units: the same in every process.</summary>
    public static int Of(string? owner, string name)
    {
        var hash = 2166136261u;
        foreach (var unit in owner ?? string.Empty)
        {
            hash = (hash ^ unit) * 16777619;
        }

        hash = (hash ^ '\n') * 16777619;
        foreach (var unit in name)
        {
            hash = (hash ^ unit) * 16777619;
        }

        return (int)(hash % Count);
    }
}
