using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Broker;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>
/// Publishes what the pipeline measures: every 5 s to <c>logger_stats</c>, <c>tweets_stats</c> and <c>users_stats</c>, each an
/// object whose <c>text</c> is the sentence for people; every second the most frequent hashtags to <c>hashtags</c>. What cannot
/// be published when it is due is old a moment later: it is counted and left out.
/// </summary>
public sealed partial class StatisticsFeed : IAsyncDisposable
{
    private static readonly TimeSpan HashtagsEvery = TimeSpan.FromSeconds(1);

    private readonly TweetPipeline _pipeline;
    private readonly IBroker _broker;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly double _window;
    private readonly TopicCommands _commands = new();
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json;
    private BrokerDoor? _door;
    private long _published;
    private long _dropped;

    /// <summary>A feed that is run by <see cref="RunAsync"/>.</summary>
    /// <param name="pipeline">What is measured.</param>
    /// <param name="broker">Where it goes.</param>
    /// <param name="hashtags">The settings of the pipeline's ranking; null for the defaults.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="logger">Told of what could not be published.</param>
    public StatisticsFeed(
        TweetPipeline pipeline,
        IBroker broker,
        HashtagRankingOptions? hashtags = null,
        TimeProvider? time = null,
        ILogger<StatisticsFeed>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(broker);
        _pipeline = pipeline;
        _broker = broker;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<StatisticsFeed>.Instance;
        _window = (hashtags ?? new HashtagRankingOptions()).Window.TotalSeconds;
        _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    /// <summary>Events published.</summary>
    public long Published => Volatile.Read(ref _published);

    /// <summary>Events left out because the broker did not take them.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Publishes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(HashtagsEvery, _time);
        var perWindow = (long)(StatisticsWindow.Length / HashtagsEvery);
        try
        {
            for (var tick = 1L; await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false); tick++)
            {
                await PublishHashtagsAsync(cancellationToken).ConfigureAwait(false);
                if (tick % perWindow == 0)
                {
                    await PublishStatisticsAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    /// <summary>Ends the session.</summary>
    public async ValueTask DisposeAsync()
    {
        await _json.DisposeAsync().ConfigureAwait(false);
        if (_door is { } door)
        {
            _door = null;
            await door.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task PublishStatisticsAsync(CancellationToken cancellationToken)
    {
        foreach (var statistics in _pipeline.CloseStatistics())
        {
            Begin();
            _json.WriteNumber("p75_ms"u8, statistics.P75);
            _json.WriteNumber("p85_ms"u8, statistics.P85);
            _json.WriteNumber("p95_ms"u8, statistics.P95);
            _json.WriteNumber("samples"u8, statistics.Samples);
            _json.WriteNumber("processed"u8, statistics.Processed);
            _json.WriteNumber("crashes"u8, statistics.Crashes);
            _json.WriteString("text"u8, statistics.Sentence);
            await PublishAsync(TopicName.Parse(statistics.Topic), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task PublishHashtagsAsync(CancellationToken cancellationToken)
    {
        var top = _pipeline.TopHashtags;
        if (top.Count == 0)
        {
            return;
        }

        Begin();
        _json.WriteNumber("window_s"u8, _window);
        _json.WriteStartArray("top"u8);
        foreach (var tag in top)
        {
            _json.WriteStartObject();
            _json.WriteString("tag"u8, tag.Tag);
            _json.WriteNumber("count"u8, tag.Count);
            _json.WriteNumber("error"u8, tag.Error);
            _json.WriteBoolean("guaranteed"u8, tag.Guaranteed);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
        await PublishAsync(Topics.Hashtags, cancellationToken).ConfigureAwait(false);
    }

    private void Begin()
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
    }

    private async Task PublishAsync(TopicName topic, CancellationToken cancellationToken)
    {
        _json.WriteEndObject();
        await _json.FlushAsync(cancellationToken).ConfigureAwait(false);
        // The time of measuring: unique per topic, and a person can read it.
        var id = string.Create(CultureInfo.InvariantCulture, $"\"{_time.GetUtcNow().ToUnixTimeMilliseconds()}\"");
        _commands.Reset(topic, 0);
        _commands.Publish(Encoding.ASCII.GetBytes(id), _buffer.WrittenSpan);
        try
        {
            _door ??= await BrokerDoor.OpenAsync(_broker, null, cancellationToken).ConfigureAwait(false);
            await _door.ExecuteAsync(_commands).ConfigureAwait(false);
            if (_commands.Results[0].Outcome == Outcome.Done)
            {
                Interlocked.Increment(ref _published);
                return;
            }

            LogDropped(topic, _commands.Results[0].Detail ?? _commands.Results[0].Outcome.ToString());
        }
        catch (BrokerUnavailableException e)
        {
            LogDropped(topic, e.Message);
            if (_door is { } door)
            {
                _door = null;
                await door.DisposeAsync().ConfigureAwait(false);
            }
        }

        Interlocked.Increment(ref _dropped);
    }

    [LoggerMessage(LogLevel.Debug, "{Topic}: left out, the broker does not take it: {Reason}")]
    private partial void LogDropped(TopicName topic, string reason);
}
