using Microsoft.Extensions.Logging;
using Rookery.Hosting;
using Rookery.Local;
using Rookery.Wire;

namespace Rookery.Command;

/// <summary>Everything of one process, started from the broker outwards and stopped the other way round.</summary>
internal sealed partial class RunHost : IAsyncDisposable
{
    /// <summary>Bytes of journal that take a second or so to read: whoever waits is told what for.</summary>
    private const long LongJournal = 128 << 20;

    private readonly DataDirectory _data;
    private readonly ILogger _logger;
    private readonly IdleTrim _idleTrim;
    private readonly RunHistory _history = new(TimeProvider.System);
    private BrokerPart? _broker;
    private readonly long _since = TimeProvider.System.GetTimestamp();
    private TweetPart? _tweets;
    private MetricsCollector? _metrics;
    private HttpPart? _http;
    private RunMeters? _meters;
    private IDisposable? _telemetry;
    private readonly CancellationTokenSource _ending = new();
    private Task _remembering = Task.CompletedTask;

    private RunHost(DataDirectory data, ILogger logger)
    {
        (_data, _logger) = (data, logger);
        _idleTrim = IdleTrim.Of(Trim, TimeProvider.System);
    }

    /// <param name="settings">What is asked for.</param>
    /// <param name="logs">The log.</param>
    /// <param name="say">Is told what takes long.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FailureException">Something cannot be had; the message says what to do.</exception>
    public static async Task<RunHost> StartAsync(RunSettings settings, ILoggerFactory logs, Action<string> say, CancellationToken cancellationToken)
    {
        var host = new RunHost(OpenData(settings.Data), logs.CreateLogger<RunHost>());
        try
        {
            if (DataFolder.JournalBytes(settings.Data) is > LongJournal and var bytes)
            {
                say($"reading the journal, {bytes >> 20:N0} MiB");
            }

            // Before anything counts.
            host._telemetry = Telemetry.Start("rookery", $"{Environment.MachineName}:{settings.BrokerPort}", settings.Telemetry);
            host._metrics = settings.HttpPort is null ? null : new MetricsCollector();
            host._broker = await BrokerPart.StartAsync(settings, host._data, logs, cancellationToken);

            // Its port before the pipeline: nothing that was read is given up where it cannot be had.
            if (settings.HttpPort is { } port)
            {
                var options = host._broker.HttpOptions(settings) with { Port = port };
                host._http = await HttpPart.StartAsync(options, host._broker.Gatekeeper, host.View(settings), host._metrics!, logs, cancellationToken);
            }

            if (settings.Tweets is { } tweets)
            {
                host._tweets = await TweetPart.StartAsync(tweets, settings, host._broker.Broker, host._data, logs, cancellationToken);
                host._meters = new RunMeters(host._tweets.Look);
            }

            host._remembering = Task.Run(host.RememberAsync, CancellationToken.None);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Port of the line protocol.</summary>
    public int BrokerPort => _broker!.EndPoint.Port;

    /// <summary>Where everything is, one line each.</summary>
    public IEnumerable<string> Describe()
    {
        yield return _broker!.HasTls
            ? $"broker on {_broker.EndPoint} with TLS (try: openssl s_client -quiet -connect {_broker.EndPoint}, then: sub tweets)"
            : $"broker on {_broker.EndPoint} (try: nc {_broker.EndPoint.Address} {_broker.EndPoint.Port}, then: sub tweets)";
        if (_http is not null)
        {
            yield return $"page on {(_http.HasTls ? "https" : "http")}://{_http.EndPoint}/ (the broker over HTTP too, /metrics, /health/ready)";
        }

        foreach (var line in _tweets?.Describe() ?? [])
        {
            yield return line;
        }

        yield return $"data in {_data.Root}";
    }

    public async ValueTask<StatusFigures> TakeAsync()
    {
        var stats = await _broker!.Broker.GetStatsAsync(CancellationToken.None);
        return new StatusFigures
        {
            Tweets = _tweets?.Take(),
            Published = stats.Published,
            Delivered = stats.Delivered,
            Topics = stats.Topics,
            Connections = _broker.Connections,
            Troubles = [.. _tweets?.Troubles() ?? []],
        };
    }

    /// <summary>Reads no more, and brings what is under way to its end.</summary>
    /// <param name="deadline">When cancelled, what is left is given up; nothing that was confirmed is lost.</param>
    /// <returns>Records that had to be given up.</returns>
    public async Task<long> StopAsync(CancellationToken deadline)
    {
        var lost = _tweets is null ? 0 : await _tweets.StopAsync(deadline);
        await Task.WhenAll(_broker!.StopAsync(deadline), _http?.StopAsync(deadline) ?? Task.CompletedTask);
        return lost;
    }

    /// <summary>Never throws: what goes wrong is logged.</summary>
    public ValueTask DisposeAsync() => Ending.AllAsync(
        _logger,
        () => new ValueTask(_ending.CancelAsync()),
        () => new ValueTask(_remembering),
        Ending.Of(_ending),
        Ending.Of((IAsyncDisposable?)_http),
        Ending.Of((IAsyncDisposable?)_tweets),
        Ending.Of((IAsyncDisposable?)_broker),

        // What was counted last is sent before it is taken away.
        Ending.Of(_telemetry),
        Ending.Of(_meters),
        Ending.Of(_metrics),
        Ending.Of(_data));

    /// <summary>Once a second, whether anybody shows the figures or not.</summary>
    private async Task RememberAsync()
    {
        try
        {
            await foreach (var status in StatusSource.WatchAsync(TakeAsync, TimeProvider.System, _ending.Token))
            {
                _history.Add(status.Now);
                _idleTrim.Look(status.Now);
            }
        }
        catch (Exception failed)
        {
            // The run goes on without.
            LogForgetting(failed);
        }
    }

    private void Trim()
    {
        _broker?.Trim();
        _tweets?.Pipeline.Trim();
    }

    private RunView View(RunSettings settings) => new()
    {
        Broker = _broker!.Broker,
        FindPipeline = () => _tweets?.Pipeline,
        FindLook = () => _tweets?.Look,
        BrokerPort = _broker.EndPoint.Port,
        Connections = () => _broker.Connections,
        Troubles = () => _tweets?.Troubles() ?? [],
        NotReady = () => _broker.Broker.Trouble is { } trouble ? trouble : settings.Tweets is null ? null : _tweets is null ? "the pipeline is starting" : _tweets.NotReady,
        History = _history,
        Uptime = () => TimeProvider.System.GetElapsedTime(_since),
    };

    private static DataDirectory OpenData(string path)
    {
        try
        {
            return DataDirectory.Open(path);
        }
        catch (IOException failed)
        {
            throw DataFolder.Failure(failed);
        }
    }

    [LoggerMessage(LogLevel.Error, "the figures are not remembered any more: the page begins without those of before, and memory is not given back at rest")]
    private partial void LogForgetting(Exception reason);
}
