using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.BrokerGateway;

/// <summary>The broker of a cluster, as one gateway shows it: topics are grains, sessions are here.</summary>
public sealed class ClusterBroker : IBroker, IAsyncDisposable
{
    internal const string Lost = "the cluster cannot be reached at present; try again later";
    private const int StatsAtOnce = 32;
    private const int MostNotReady = 32;

    private readonly IGrainFactory _grains;
    private readonly ConcurrentDictionary<Guid, ClusterSession> _sessions = new();
    private readonly Dictionary<TopicName, TopicLink> _links = [];
    private readonly Lock _gate = new();
    private readonly NameKeeper _names;
    private volatile bool _stopping;
    private volatile bool _reachable = true;
    private int _probing;
    private long _number;

    /// <summary>Creates the broker; it calls the cluster when it is asked to.</summary>
    /// <param name="grains">A client of the cluster, started.</param>
    /// <param name="options">How it speaks to the cluster.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where it logs.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public ClusterBroker(IGrainFactory grains, ClusterBrokerOptions options, TimeProvider time, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_grains, Options, Time, Logger) = (grains, options, time, logs.CreateLogger<ClusterBroker>());
        _names = new NameKeeper(this, grains);
    }

    /// <inheritdoc/>
    public BrokerLimits Limits => Options.Limits;

    /// <summary>Whether a silo can be reached, as far as is known. While none can, commands are refused at once.</summary>
    public bool IsReachable => _reachable;

    /// <summary>Names this gateway's process.</summary>
    internal Guid Id { get; } = Guid.NewGuid();

    /// <summary>
    /// A number for an exchange, above all before. Not counted by link: a topic remembers the last number of a gateway after
    /// its last session left, and the next link to it must not look like a call that was late.
    /// </summary>
    internal long NextNumber() => Interlocked.Increment(ref _number);

    internal ClusterBrokerOptions Options { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal GatewayMetrics Metrics { get; } = new();

    /// <summary>Nothing is sent any more.</summary>
    internal bool IsStopped { get; private set; }

    /// <summary>Sessions open here now.</summary>
    internal int SessionCount => _sessions.Count;

    /// <inheritdoc/>
    public async ValueTask<IBrokerSession> OpenAsync(SessionIdentity identity, ISessionReceiver receiver, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ThrowIfStopping();

        if (_sessions.Count >= Options.MaxSessions)
        {
            GatewayLog.SessionRefused(Logger, _sessions.Count);
            throw new BrokerUnavailableException($"{_sessions.Count} sessions are open, and no more are allowed");
        }

        var session = new ClusterSession(identity, receiver, this);
        _sessions.TryAdd(identity.Id, session);
        if (_stopping)
        {
            // Whoever ends all sessions may have listed them before this one was there.
            _sessions.TryRemove(identity.Id, out _);
            ThrowIfStopping();
        }

        if (identity.Name is not null)
        {
            var claiming = _names.ClaimAsync(identity);
            try
            {
                await AskAsync(claiming, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                _sessions.TryRemove(identity.Id, out _);
                _ = _names.GiveUpAsync(identity, claiming);
                throw;
            }
        }

        return session;
    }

    /// <summary>
    /// A topic that does not answer, because it is being recovered or cannot be, is listed as not ready, and the others with their figures;
    /// where so many do not answer that it would take for ever, all are unavailable.
    /// </summary>
    public async ValueTask<IReadOnlyList<TopicStats>> GetTopicsAsync(CancellationToken cancellationToken)
    {
        var catalog = await GetCatalogAsync(cancellationToken).ConfigureAwait(false);
        var stats = new TopicStats?[catalog.Topics.Length];
        var notReady = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, stats.Length),
            new ParallelOptions { MaxDegreeOfParallelism = StatsAtOnce, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                try
                {
                    stats[i] = await GetAsync(catalog.Topics[i], token).ConfigureAwait(false);
                }
                catch (BrokerUnavailableException error) when (Interlocked.Increment(ref notReady) <= MostNotReady)
                {
                    stats[i] = NotReady(catalog.Topics[i], error.Message);
                }
            }).ConfigureAwait(false);
        return [.. stats.OfType<TopicStats>()];
    }

    /// <inheritdoc/>
    public async ValueTask<TopicStats?> GetTopicAsync(TopicName topic, CancellationToken cancellationToken)
    {
        var catalog = await GetCatalogAsync(cancellationToken).ConfigureAwait(false);
        return Array.BinarySearch(catalog.Topics, topic.Value, StringComparer.Ordinal) < 0
            ? null
            : await GetAsync(topic.Value, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Topics and sessions are those of the cluster; events are what went through this gateway since it started.</summary>
    public async ValueTask<BrokerStats> GetStatsAsync(CancellationToken cancellationToken)
    {
        var catalog = await GetCatalogAsync(cancellationToken).ConfigureAwait(false);
        return new BrokerStats
        {
            Durability = catalog.Durability,
            Topics = catalog.Topics.Length,
            Sessions = await AskAsync(_names.CountSessionsAsync(), cancellationToken).ConfigureAwait(false),
            Published = Metrics.Published,
            Delivered = Metrics.Delivered,
            Acknowledged = Metrics.Acknowledged,
            FailedWrites = Metrics.Unknown,
        };
    }

    /// <summary>Why the cluster cannot serve clients; null: it can, as far as its catalogue of topics, and the storage of that, say.</summary>
    public async Task<string?> WhyNotReadyAsync() =>
        _reachable ? await _grains.GetGrain<ITopicCatalogGrain>(0).WhyNotReadyAsync(CancellationToken.None).ConfigureAwait(false) : "no cluster";

    /// <summary>
    /// The client has no connection to any silo. It opens one only to send something, and nothing is sent for clients now, so
    /// the cluster is asked again and again until it answers.
    /// </summary>
    public void ClusterLost()
    {
        _reachable = false;
        GatewayLog.ClusterLost(Logger);
        if (Interlocked.Exchange(ref _probing, 1) == 0)
        {
            _ = Task.Run(ProbeAsync);
        }
    }

    /// <summary>Lets no session open, ends those there are with <see cref="SessionEnd.ShuttingDown"/>, and leaves the topics.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        await Task.WhenAll(_sessions.Values.Select(session => session.EndAsync(SessionEnd.ShuttingDown))).ConfigureAwait(false);
        IsStopped = true;
        await _names.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stops at once and tells nobody, as the death of the process would; for tests.</summary>
    internal async ValueTask AbandonAsync()
    {
        (_stopping, IsStopped) = (true, true);
        await _names.DisposeAsync().ConfigureAwait(false);
    }

    internal ClusterSession? Find(Guid session) => _sessions.GetValueOrDefault(session);

    internal (TopicLink Link, LinkSession Joined) Join(TopicName topic, ClusterSession session)
    {
        while (true)
        {
            TopicLink? link;
            lock (_gate)
            {
                if (!_links.TryGetValue(topic, out link))
                {
                    link = new TopicLink(topic, _grains.GetGrain<ITopicGrain>(topic.Value), this);
                    _links.Add(topic, link);
                }
            }

            if (link.TryJoin(session) is { } joined)
            {
                return (link, joined);
            }
        }
    }

    internal void Remove(TopicLink link)
    {
        lock (_gate)
        {
            if (_links.TryGetValue(link.Topic, out var there) && there == link)
            {
                _links.Remove(link.Topic);
            }
        }
    }

    internal async Task EndedAsync(ClusterSession session, bool released)
    {
        _sessions.TryRemove(session.Identity.Id, out _);
        if (session.Identity.Name is not null)
        {
            await _names.ReleaseAsync(session.Identity, released).ConfigureAwait(false);
        }
    }

    private async Task ProbeAsync()
    {
        while (!_reachable && !IsStopped)
        {
            await Task.Delay(Options.MaxRetryDelay, Time).ConfigureAwait(false);
            try
            {
                // Any answer will do, also that of a silo of an older version.
                await _grains.GetGrain<ITopicCatalogGrain>(0).GetAsync(CancellationToken.None)
                    .WaitAsync(Options.AttemptTimeout, Time).ConfigureAwait(false);
                _reachable = true;
                GatewayLog.ClusterReached(Logger);
            }
#pragma warning disable CA1031 // It is not there yet.
            catch (Exception error)
#pragma warning restore CA1031
            {
                GatewayLog.NotConnected(Logger, Options.MaxRetryDelay, error.Message);
            }
        }

        Interlocked.Exchange(ref _probing, 0);
        if (!_reachable && !IsStopped && Interlocked.Exchange(ref _probing, 1) == 0)
        {
            // Lost again between the last look and the end of this one.
            _ = Task.Run(ProbeAsync);
        }
    }

    private async Task<CatalogReply> GetCatalogAsync(CancellationToken cancellationToken)
    {
        var reply = await AskAsync(_grains.GetGrain<ITopicCatalogGrain>(0).GetAsync(CancellationToken.None), cancellationToken).ConfigureAwait(false);
        return reply.Available ? reply : throw new BrokerUnavailableException("the catalogue of topics cannot be read at present; try again later");
    }

    private async Task<TopicStats?> GetAsync(string topic, CancellationToken cancellationToken)
    {
        var reply = await AskAsync(_grains.GetGrain<ITopicGrain>(topic).GetStatsAsync(CancellationToken.None), cancellationToken).ConfigureAwait(false);
        return reply.Status == LinkStatus.Done ? reply.Stats : throw new BrokerUnavailableException(reply.Detail ?? Lost);
    }

    private void ThrowIfStopping()
    {
        if (_stopping)
        {
            throw new BrokerUnavailableException("the gateway is shutting down");
        }
    }

    private static TopicStats NotReady(string topic, string why) => new()
    {
        Topic = topic,
        NotReady = why,
        LastSequence = 0,
        Events = 0,
        Bytes = 0,
        Dropped = 0,
        Expired = 0,
        Subscriptions = [],
    };

    private async Task<T> AskAsync<T>(Task<T> answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.WaitAsync(Options.CallTimeout, Time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not BrokerUnavailableException
            && !(error is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            throw new BrokerUnavailableException(Lost, error);
        }
    }
}
