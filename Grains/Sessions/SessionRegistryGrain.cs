using Orleans.Concurrency;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>A part of the names that sessions have; in memory, restored by the gateways.</summary>
[Reentrant]
internal sealed class SessionRegistryGrain(TopicServices services) : Grain, ISessionRegistryGrain
{
    private static readonly TimeSpan ToldWithin = TimeSpan.FromSeconds(3);
    private readonly Guid _epoch = Guid.NewGuid();
    private readonly Dictionary<(string? Owner, string Name), Holder> _holders = [];
    private readonly Dictionary<Guid, (long Heard, int Sessions)> _gateways = [];

    /// <inheritdoc/>
    public async Task<Guid> ClaimAsync(Guid gateway, SessionClaim claim, ISessionObserver observer, CancellationToken cancellationToken = default)
    {
        var key = (claim.Owner, claim.Name);
        var before = _holders.GetValueOrDefault(key);
        _holders[key] = new Holder(gateway, claim.Session, observer);
        if (before is not null && before.Session != claim.Session)
        {
            ClusterLog.TakenOver(services.Logger, claim.Name, before.Session, claim.Session);
            await TellAsync(before);
        }

        return _epoch;
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(SessionClaim claim, CancellationToken cancellationToken = default)
    {
        if (_holders.TryGetValue((claim.Owner, claim.Name), out var holder) && holder.Session == claim.Session)
        {
            _holders.Remove((claim.Owner, claim.Name));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<RenewReply> RenewAsync(Guid gateway, Guid epoch, int sessions, CancellationToken cancellationToken = default)
    {
        var now = services.Time.GetTimestamp();

        // One that was silent for longer than its lease has to restore its names, as after a loss of all of them.
        var known = _gateways.ContainsKey(gateway) ? _epoch : Guid.NewGuid();
        _gateways[gateway] = (now, sessions);
        foreach (var (silent, _) in _gateways.Where(one => services.Time.GetElapsedTime(one.Value.Heard, now) > services.Options.GatewayLease).ToList())
        {
            Forget(silent);
        }

        return Task.FromResult(new RenewReply(known, _gateways.Values.Sum(one => one.Sessions)));
    }

    /// <inheritdoc/>
    public async Task<Guid> RestoreAsync(Guid gateway, SessionClaim[] claims, ISessionObserver observer, CancellationToken cancellationToken = default)
    {
        foreach (var claim in claims)
        {
            var key = (claim.Owner, claim.Name);
            if (!_holders.TryGetValue(key, out var other) || other.Session == claim.Session)
            {
                _holders[key] = new Holder(gateway, claim.Session, observer);
            }
            else if (IsLater(claim.Session, other.Session))
            {
                _holders[key] = new Holder(gateway, claim.Session, observer);
                await TellAsync(other);
            }
            else
            {
                await TellAsync(new Holder(gateway, claim.Session, observer));
            }
        }

        return _epoch;
    }

    // The first 48 bits of a version 7 id are the time it was made; as text they compare like it.
    private static bool IsLater(Guid one, Guid other) => string.CompareOrdinal(one.ToString("N"), other.ToString("N")) > 0;

    private async Task TellAsync(Holder holder)
    {
        try
        {
            await holder.Observer.TakenOverAsync(holder.Session).WaitAsync(ToldWithin, services.Time);
        }
#pragma warning disable CA1031 // A gateway that cannot be reached loses its sessions at the topics when their lease ends, or to the newer one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ClusterLog.NotTold(services.Logger, holder.Session, exception.Message);
        }
    }

    private void Forget(Guid gateway)
    {
        _gateways.Remove(gateway);
        foreach (var (key, holder) in _holders.Where(one => one.Value.Gateway == gateway).ToList())
        {
            _holders.Remove(key);
        }
    }

    private sealed record Holder(Guid Gateway, Guid Session, ISessionObserver Observer);
}
