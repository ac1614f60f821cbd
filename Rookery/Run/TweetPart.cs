using Microsoft.Extensions.Logging;
using Rookery.Broker;
using Rookery.Feed;
using Rookery.Local;
using Rookery.Tweets;
using Rookery.Wire;

namespace Rookery.Command;

/// <summary>The tweets: their server, the pipeline, the store, the viewers' port, and the change feed to the broker.</summary>
internal sealed partial class TweetPart : IAsyncDisposable
{
    // For what can neither be cancelled nor waited for any longer, at the end.
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(5);

    private readonly TweetSettings _settings;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _endPublishing = new();
    private TweetServer? _server;
    private SqliteTweetStore? _store;
    private TweetPipeline? _pipeline;
    private PipelineLook? _look;
    private ViewerServer? _viewers;
    private ChangeFeed? _changes;
    private StatisticsFeed? _statistics;
    private Task _publishing = Task.CompletedTask;
    private volatile string? _ended;

    private TweetPart(TweetSettings settings, ILogger logger) => (_settings, _logger) = (settings, logger);

    public static async Task<TweetPart> StartAsync(
        TweetSettings tweets, RunSettings settings, IBroker broker, DataDirectory data, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var part = new TweetPart(tweets, logs.CreateLogger<TweetPart>());
        try
        {
            await part.StartAsync(settings, broker, data, logs, cancellationToken);
            return part;
        }
        catch
        {
            await part.DisposeAsync();
            throw;
        }
    }

    public TweetPipeline Pipeline => _pipeline!;

    /// <summary>Its figures, for all who show them.</summary>
    public PipelineLook Look => _look!;

    public IEnumerable<string> Describe()
    {
        var streams = string.Join(", ", Enumerable.Range(1, Math.Min(_settings.Streams, 3)).Select(n => $"/tweets/{n}")) + (_settings.Streams > 3 ? ", ..." : "");
        yield return _server is null
            ? $"tweets from {_settings.Source} ({streams})"
            : $"tweets on {_server.Address} ({streams}; rate {_settings.Feed!.Rate}, seed {_server.Seed})";
        yield return $"viewers on {_viewers!.EndPoint} (try: nc {_viewers.EndPoint.Address} {_viewers.EndPoint.Port}, then: twitter)";
        if (_store is not null)
        {
            yield return $"tweets stored in {_store.Path}, and published to the topics tweets and users";
        }
    }

    public TweetFigures Take()
    {
        var status = Look.Take();
        return new TweetFigures
        {
            In = status.In,
            Records = status.Records,
            Scored = status.Scored,
            Stored = status.Store?.Stored,
            Repeats = status.Store?.Repeats ?? 0,
            Rejected = status.Rejected.Values.Sum() + (status.Store?.Rejected ?? 0),
            StoreState = status.Store switch
            {
                { Paused: true } => "paused",
                { Down: not null } => "down",
                _ => null,
            },
            Workers = [.. status.Pools.OrderBy(p => p.Key).Select(p => (StatusJson.NameOf(p.Key), p.Value.Workers))],
            Crashes = status.Crashes,
            BatchSize = status.Store?.BatchSize,
            LastBatch = status.Store is { } store ? (store.LastBatch, store.LastTime) : null,
            Waiting = status.Waiting,
            Hashtags = [.. status.TopHashtags.Select(h => (h.Tag, h.Count, h.Error))],
        };
    }

    /// <summary>
    /// Why tweets do not get from a stream to their topics; null: they do. A store that an operator paused is no reason: who
    /// took the page away for it would take away the button that resumes it.
    /// </summary>
    public string? NotReady
    {
        get
        {
            var status = Look.Take();
            return status.Store?.Down is { } down ? $"store: {down}"
                : _changes?.Status.Trouble is { } trouble ? $"publishing: {trouble}"
                : status.Streams.All(s => !s.Connected) ? $"streams: none is connected: {status.Streams[0].LastEnd ?? "not yet"}"
                : null;
        }
    }

    public IEnumerable<string> Troubles()
    {
        var status = Look.Take();
        foreach (var stream in status.Streams.Where(s => !s.Connected && s.LastEnd is not null))
        {
            yield return $"stream {stream.Number}: {stream.LastEnd}";
        }

        foreach (var stream in status.Streams.Where(s => s.Rejecting is not null))
        {
            yield return $"stream {stream.Number}: {stream.Rejecting}";
        }

        if (status.Store is { } store && (store.Down ?? (store.Paused ? "paused" : null)) is { } why)
        {
            yield return $"store: {why}";
        }

        if (_changes?.Status.Trouble is { } trouble)
        {
            yield return $"publishing: {trouble}";
        }

        if (_ended is { } ended)
        {
            yield return ended;
        }
    }

    /// <summary>Reads no more; scores, stores and publishes what was read.</summary>
    /// <returns>Records given up because the deadline came first.</returns>
    public async Task<long> StopAsync(CancellationToken deadline)
    {
        await _pipeline!.StopAsync(deadline);
        if (await EndPublishingAsync(deadline) && _changes is not null)
        {
            _publishing = FlushAsync(_changes, deadline);
            await IsOverAsync(_publishing, deadline);
        }

        await _viewers!.StopAsync(deadline);
        Look.Forget();
        return Look.Take().Lost;
    }

    /// <summary>Never throws: what goes wrong is logged.</summary>
    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(LastPatience);
        var ended = await EndPublishingAsync(deadline.Token);

        // What still publishes reads the store: neither may be taken from it.
        await Ending.AllAsync(
            _logger,
            Ending.Of((IAsyncDisposable?)_pipeline),
            Ending.Of(ended ? _changes : null),
            Ending.Of(ended ? _statistics : null),
            Ending.Of((IAsyncDisposable?)_viewers),
            Ending.Of(ended ? _store : null),
            Ending.Of((IAsyncDisposable?)_server),
            Ending.Of(ended ? _endPublishing : null));
    }

    private async Task StartAsync(RunSettings settings, IBroker broker, DataDirectory data, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        if (_settings.Feed is not null)
        {
            _server = new TweetServer(_settings.Feed, TimeProvider.System, logs);
            await Listening.StartAsync(() => _server.StartAsync(cancellationToken), "--feed-port", _settings.Feed.Port);
        }

        if (_settings.Store)
        {
            _store = await OpenStoreAsync(settings, data, logs, cancellationToken);
        }

        var options = new TweetPipelineOptions { Source = _settings.Source ?? _server!.Address, Streams = _settings.Streams, Pool = _settings.Pool };
        _pipeline = new TweetPipeline(options, _store, TimeProvider.System, logs.CreateLogger<TweetPipeline>());
        _look = new PipelineLook(() => _pipeline.Status, TimeProvider.System);
        _viewers = new ViewerServer(_pipeline, new ViewerOptions { Host = settings.Host, Port = settings.ViewerPort }, logs);
        await Listening.StartAsync(() => _viewers.StartAsync(cancellationToken), "--viewer-port", settings.ViewerPort);
        if (_store is not null)
        {
            _changes = new ChangeFeed(_store, broker, null, TimeProvider.System, logs.CreateLogger<ChangeFeed>());
        }

        _statistics = new StatisticsFeed(_pipeline, broker, options.Hashtags, TimeProvider.System, logs.CreateLogger<StatisticsFeed>());
        _publishing = Task.WhenAll(
            Task.Run(() => PublishAsync("figures", _statistics.RunAsync), CancellationToken.None),
            _changes is null ? Task.CompletedTask : Task.Run(() => PublishAsync("changes", _changes.RunAsync), CancellationToken.None));

        await _pipeline.StartAsync(cancellationToken);
    }

    private static async Task<SqliteTweetStore> OpenStoreAsync(RunSettings settings, DataDirectory data, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var options = new SqliteStoreOptions
        {
            Folder = data.Root,
            Durability = settings.Durability == Durability.Fsync ? StoreDurability.Full : StoreDurability.Normal,
        };
        var store = new SqliteTweetStore(options, TimeProvider.System, logs.CreateLogger<SqliteTweetStore>());
        try
        {
            await store.OpenAsync(cancellationToken);
            return store;
        }
        catch (Exception failed) when (failed is StoreUnavailableException or NewerDataException)
        {
            await store.DisposeAsync();
            var what = failed is NewerDataException ? "Use that version, or" : "Mend that, or";
            throw new FailureException($"{failed.Message.TrimEnd('.')}. {what} choose another folder with --data DIR, or run without a store with --no-store", failed);
        }
    }

    /// <returns>False where the deadline came first, and something may still be published.</returns>
    private async Task<bool> EndPublishingAsync(CancellationToken deadline)
    {
        await _endPublishing.CancelAsync();
        return await IsOverAsync(_publishing, deadline);
    }

    private static async Task<bool> IsOverAsync(Task task, CancellationToken deadline)
    {
        await Task.WhenAny(task, Task.Delay(Timeout.InfiniteTimeSpan, deadline));
        return task.IsCompleted;
    }

    /// <summary>Publishes until it is told to end; what ends it before is told, for nobody waits for it.</summary>
    private async Task PublishAsync(string what, Func<CancellationToken, Task> publish)
    {
        try
        {
            await publish(_endPublishing.Token);
        }
        catch (Exception failed)
        {
            _ended = $"{what} are not published any more: {failed.Message}";
            LogEnded(what, failed);
        }
    }

    private async Task FlushAsync(ChangeFeed changes, CancellationToken deadline)
    {
        try
        {
            await changes.FlushAsync(deadline);
        }
        catch (OperationCanceledException)
        {
            // What is left is published after the next start.
        }
        catch (Exception failed)
        {
            LogEnded("changes", failed);
        }
    }

    [LoggerMessage(LogLevel.Error, "{What} are not published any more")]
    private partial void LogEnded(string what, Exception reason);
}
