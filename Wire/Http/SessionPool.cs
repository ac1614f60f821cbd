using System.Collections.Concurrent;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>Sessions for requests that subscribe to nothing: one request at a time uses one, and the next one may use it again.</summary>
internal sealed class SessionPool(IBroker broker) : IAsyncDisposable
{
    private const int MostKept = 64;

    // A session remembers every topic it was used for.
    private const int MostUses = 1000;

    private readonly ConcurrentBag<Pooled> _free = [];

    /// <summary>A session, to be disposed of after the request.</summary>
    /// <param name="grant">Who asks.</param>
    /// <param name="producer">The name of the publisher; null: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BrokerUnavailableException">There is none to be had.</exception>
    public async ValueTask<Rented> RentAsync(Grant grant, string? producer, CancellationToken cancellationToken)
    {
        if (producer is not null)
        {
            // The names of publishers belong to their owners, so the session is theirs alone.
            var own = await OpenAsync(new SessionIdentity { Owner = grant.Owner, Producer = producer }, cancellationToken).ConfigureAwait(false);
            return new Rented(this, own, isKept: false);
        }

        while (_free.TryTake(out var pooled))
        {
            if (!pooled.HasEnded)
            {
                return new Rented(this, pooled, isKept: true);
            }

            await pooled.Session.DisposeAsync().ConfigureAwait(false);
        }

        return new Rented(this, await OpenAsync(new SessionIdentity(), cancellationToken).ConfigureAwait(false), isKept: true);
    }

    public async ValueTask DisposeAsync()
    {
        while (_free.TryTake(out var pooled))
        {
            await pooled.Session.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<Pooled> OpenAsync(SessionIdentity identity, CancellationToken cancellationToken)
    {
        var pooled = new Pooled();
        pooled.Session = await broker.OpenAsync(identity, pooled, cancellationToken).ConfigureAwait(false);
        return pooled;
    }

    private async ValueTask ReturnAsync(Pooled pooled, bool isKept)
    {
        if (isKept && !pooled.HasEnded && ++pooled.Uses < MostUses && _free.Count < MostKept)
        {
            _free.Add(pooled);
            return;
        }

        await pooled.Session.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A session for the time of a request.</summary>
    internal readonly struct Rented(SessionPool pool, Pooled pooled, bool isKept) : IAsyncDisposable
    {
        public ValueTask ExecuteAsync(TopicCommands commands) => pooled.Session.ExecuteAsync(commands);

        public ValueTask DisposeAsync() => pool.ReturnAsync(pooled, isKept);
    }

    /// <summary>A session with nobody behind it, for it subscribes to nothing.</summary>
    internal sealed class Pooled : ISessionReceiver
    {
        private int _ended;

        public IBrokerSession Session { get; set; } = null!;

        public int Uses { get; set; }

        public bool HasEnded => Volatile.Read(ref _ended) != 0;

        public void Deliver(TopicName topic, long after, ReadOnlySpan<Delivery> deliveries)
        {
        }

        public void Dropped(TopicName topic, long after)
        {
        }

        public void Close(SessionEnd reason) => Volatile.Write(ref _ended, 1);
    }
}
