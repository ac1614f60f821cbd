using System.Collections.Concurrent;
using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.BrokerGateway;

/// <summary>The names of this gateway's sessions at the cluster's registry: claims, renews, restores and releases them.</summary>
internal sealed class NameKeeper : ISessionObserver, IAsyncDisposable
{
    private readonly ClusterBroker _broker;
    private readonly IGrainFactory _grains;
    private readonly Lazy<ISessionObserver> _self;
    private readonly ConcurrentDictionary<Guid, SessionClaim> _claims = new();
    private readonly Guid[] _epochs = new Guid[RegistryShards.Count];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lazy<Task> _renewing;
    private bool _disposed;

    public NameKeeper(ClusterBroker broker, IGrainFactory grains)
    {
        (_broker, _grains) = (broker, grains);
        _self = new Lazy<ISessionObserver>(() => grains.CreateObjectReference<ISessionObserver>(this));
        _renewing = new Lazy<Task>(() => Task.Run(RenewAsync));
    }

    /// <summary>Takes the name of a session; completes when who had it before has left. Where that fails, or is not waited for, give it up.</summary>
    public async Task<bool> ClaimAsync(SessionIdentity identity)
    {
        var claim = new SessionClaim(identity.Owner, identity.Name!, identity.Id);
        var shard = RegistryShards.Of(claim.Owner, claim.Name);
        _claims[claim.Session] = claim;
        _ = _renewing.Value;
        var epoch = await Shard(shard).ClaimAsync(_broker.Id, claim, _self.Value).ConfigureAwait(false);
        lock (_epochs)
        {
            // Where another epoch was known, everything else is to be claimed again: the next renewal sees to it.
            _epochs[shard] = _epochs[shard] == Guid.Empty ? epoch : _epochs[shard];
        }

        return true;
    }

    /// <summary>Gives up a name that was asked for, once it is known whether it was taken: it may be taken after nobody waits for it any more.</summary>
    public async Task GiveUpAsync(SessionIdentity identity, Task claiming)
    {
        await claiming.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ReleaseAsync(identity, tells: true).ConfigureAwait(false);
    }

    /// <summary>A session is at an end. Where it was taken over, the registry knows.</summary>
    public async Task ReleaseAsync(SessionIdentity identity, bool tells)
    {
        if (!_claims.TryRemove(identity.Id, out var claim) || !tells)
        {
            return;
        }

        try
        {
            await Shard(RegistryShards.Of(claim.Owner, claim.Name)).ReleaseAsync(claim)
                .WaitAsync(_broker.Options.AttemptTimeout, _broker.Time).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A name that could not be given up is taken over like any other.
        catch (Exception error)
#pragma warning restore CA1031
        {
            GatewayLog.NotRenewed(_broker.Logger, RegistryShards.Of(claim.Owner, claim.Name), error.Message);
        }
    }

    /// <summary>Sessions of all gateways.</summary>
    public async Task<int> CountSessionsAsync()
    {
        _ = _renewing.Value;
        return (await Shard(0).RenewAsync(_broker.Id, EpochOf(0), _broker.SessionCount).ConfigureAwait(false)).Sessions;
    }

    /// <inheritdoc/>
    public async Task TakenOverAsync(Guid session)
    {
        if (_broker.Find(session) is { } open)
        {
            GatewayLog.TakenOver(_broker.Logger, session, open.Identity.Name);
            await open.EndAsync(SessionEnd.TakenOver).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_renewing.IsValueCreated)
        {
            await _renewing.Value.ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(_broker.Options.RenewEvery, _broker.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                var claims = _claims.Values.ToLookup(claim => RegistryShards.Of(claim.Owner, claim.Name));
                await Task.WhenAll(Enumerable.Range(0, RegistryShards.Count)
                    .Where(shard => shard == 0 || claims[shard].Any())
                    .Select(shard => RenewAsync(shard, [.. claims[shard]]))).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task RenewAsync(int shard, SessionClaim[] claims)
    {
        try
        {
            var known = EpochOf(shard);
            var reply = await Shard(shard).RenewAsync(_broker.Id, known, _broker.SessionCount)
                .WaitAsync(_broker.Options.CallTimeout, _broker.Time, _stopping.Token).ConfigureAwait(false);
            if (reply.Epoch == known)
            {
                return;
            }

            var epoch = await Shard(shard).RestoreAsync(_broker.Id, claims, _self.Value)
                .WaitAsync(_broker.Options.CallTimeout, _broker.Time, _stopping.Token).ConfigureAwait(false);
            lock (_epochs)
            {
                _epochs[shard] = epoch;
            }
        }
#pragma warning disable CA1031 // The next renewal tries again; also where it was a silo that ends which cancelled the call.
        catch (Exception error) when (!_stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            GatewayLog.NotRenewed(_broker.Logger, shard, error.Message);
        }
    }

    private ISessionRegistryGrain Shard(int shard) => _grains.GetGrain<ISessionRegistryGrain>(shard);

    private Guid EpochOf(int shard)
    {
        lock (_epochs)
        {
            return _epochs[shard];
        }
    }
}
