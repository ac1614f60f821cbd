using Microsoft.Extensions.Logging;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>The broker of the one-process host: a mailbox per topic, one journal for all of them, in a data folder.</summary>
public sealed class LocalBroker : IBroker, IAsyncDisposable
{
    private readonly LocalBrokerOptions _options;
    private readonly DataDirectory? _owned;
    private readonly JournalKeeper _keeper;
    private readonly SessionRegistry _sessions;
    private readonly BrokerMeters _meters;
    private readonly Lock _gate = new();
    private Task? _stop;

    private LocalBroker(LocalBrokerOptions options, DataDirectory? owned, JournalKeeper keeper, ILogger logger)
    {
        (_options, _owned, _keeper) = (options, owned, keeper);
        _sessions = new SessionRegistry(keeper, options.MaxSessions, logger);
        _meters = new BrokerMeters(keeper);
    }

    /// <inheritdoc/>
    public BrokerLimits Limits => _options.Limits;

    internal JournalKeeper Keeper => _keeper;

    /// <summary>Opens the data folder, recovers every topic, and serves.</summary>
    /// <param name="options">How it is set up.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where it logs.</param>
    /// <param name="cancellationToken">Gives up opening, between two segments of the journal.</param>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    /// <exception cref="NewerFormatException">A newer version wrote the data folder; nothing was changed.</exception>
    /// <exception cref="InvalidDataException">The journal has records that this version does not read; the message says where.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    /// <exception cref="IOException">The data folder is in use, or cannot be read or written; the message names it.</exception>
    public static Task<LocalBroker> OpenAsync(
        LocalBrokerOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken) =>
        Task.Run(
            async () =>
            {
                options.Validate();
                var owned = options.Opened is null ? DataDirectory.Open(options.Directory) : null;
                try
                {
                    var path = (options.Opened ?? owned!).PathOf("journal");
                    return await OpenAsync(options, owned, () => Open(path), time, logs, cancellationToken).ConfigureAwait(false);
                }
                catch
                {
                    owned?.Dispose();
                    throw;
                }
            },
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IBrokerSession> OpenAsync(
        SessionIdentity identity, ISessionReceiver receiver, CancellationToken cancellationToken) =>
        await _sessions.OpenAsync(identity, receiver, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<TopicStats>> GetTopicsAsync(CancellationToken cancellationToken)
    {
        var stats = await Task.WhenAll(_keeper.Topics.All.Select(Ask)).WaitAsync(cancellationToken).ConfigureAwait(false);
        return [.. stats.OfType<TopicStats>().OrderBy(topic => topic.Topic, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async ValueTask<TopicStats?> GetTopicAsync(TopicName topic, CancellationToken cancellationToken) =>
        _keeper.Topics.Find(topic) is { } mailbox
            ? await Ask(mailbox).WaitAsync(cancellationToken).ConfigureAwait(false)
            : null;

    /// <inheritdoc/>
    public ValueTask<BrokerStats> GetStatsAsync(CancellationToken cancellationToken)
    {
        var totals = _keeper.Totals;
        return ValueTask.FromResult(new BrokerStats
        {
            Durability = _options.Journal.Durability switch
            {
                Durability.Interval => "interval",
                Durability.Memory => "memory",
                _ => "fsync",
            },
            Topics = _keeper.Topics.Count,
            Sessions = _sessions.Count,
            Published = totals.Published,
            Delivered = totals.Delivered,
            Acknowledged = totals.Acknowledged,
            FailedWrites = _keeper.Metrics.Failures,
        });
    }

    /// <summary>Why commands, or events alone, are refused at present; null: nothing is.</summary>
    public string? Trouble => _keeper.IsServing ? _keeper.WhyNoPublishes : _keeper.WhyUnavailable;

    /// <summary>Gives memory back that was kept for speed: for a host that sees that nothing moves.</summary>
    internal void Trim() => _keeper.Trim();

    /// <summary>
    /// Stops gracefully: refuses new commands, completes those under way, syncs, and ends the sessions with
    /// <see cref="SessionEnd.ShuttingDown"/>.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _stop ??= StopAsync();
            return new ValueTask(_stop);
        }
    }

    /// <summary>Opens a broker over any files, for tests.</summary>
    internal static async Task<LocalBroker> OpenAsync(
        LocalBrokerOptions options, DataDirectory? owned, Func<IJournalFiles> files, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken = default)
    {
        var logger = logs.CreateLogger<LocalBroker>();
        var keeper = new JournalKeeper(options, files, time, logger);
        try
        {
            await keeper.StartAsync(cancellationToken).ConfigureAwait(false);
            return new LocalBroker(options, owned, keeper, logger);
        }
        catch
        {
            await keeper.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static JournalDirectory Open(string path)
    {
        try
        {
            return new JournalDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new JournalException($"the journal's folder {path} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>A topic's figures; null where it is about to be given back, or was.</summary>
    private async Task<TopicStats?> Ask(TopicMailbox mailbox)
    {
        var (isThere, stats) = await mailbox.Ask(
            turn => (turn.Shell is not null, turn.Shell is { IsUnused: false } shell ? shell.GetStats() : null),
            closed: (true, null)).ConfigureAwait(false);
        return isThere ? stats : throw new BrokerUnavailableException(_keeper.WhyUnavailable);
    }

    private async Task StopAsync()
    {
        _sessions.Refuse();
        await _keeper.DrainAsync().ConfigureAwait(false);
        await _sessions.StopAsync().ConfigureAwait(false);
        _meters.Dispose();
        await _keeper.DisposeAsync().ConfigureAwait(false);
        _owned?.Dispose();
    }
}
