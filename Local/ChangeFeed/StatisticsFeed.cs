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
    private readonly TimeSpan _window;
    private readonly TopicCommands _commands = new();
    private readonly StatisticsWriter _writer = new();
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
        _window = (hashtags ?? new HashtagRankingOptions()).Window;
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
        _writer.Dispose();
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
            Prepare(TopicName.Parse(statistics.Topic), _writer.Write(statistics));
            await PublishAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task PublishHashtagsAsync(CancellationToken cancellationToken)
    {
        if (_pipeline.TopHashtags is { Count: > 0 } top)
        {
            Prepare(Topics.Hashtags, _writer.Write(_window, top));
            await PublishAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Prepare(TopicName topic, ReadOnlySpan<byte> message)
    {
        // The time of measuring: unique per topic, and a person can read it.
        Span<byte> id = stackalloc byte[ChangeWriter.MaxIdBytes];
        _commands.Reset(topic, 0);
        _commands.Publish(ChangeWriter.WriteId(_time.GetUtcNow().ToUnixTimeMilliseconds(), id), message);
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        var topic = _commands.Topic;
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
