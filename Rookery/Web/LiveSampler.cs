using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Rookery.Broker;
using Rookery.Wire;

namespace Rookery.Command;

/// <summary>
/// Looks at the run once for all who watch it, and only while somebody does: the status each second, a few tweets twice as
/// often, the topics every two seconds. Who reads slower than that skips.
/// </summary>
internal sealed partial class LiveSampler(RunView view, TimeProvider time, ILogger logger) : IDisposable
{
    public const int MostWatchers = 64;

    private const int Queued = 16;
    private const int MostTopics = 200;
    private const int MostSubscriptions = 20;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private Channel<byte[]>[] _watchers = [];
    private CancellationTokenSource? _running;

    /// <summary>The figures until now, and the events from now on; null where as many watch as may.</summary>
    public ChannelReader<byte[]>? Join()
    {
        var watcher = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(Queued) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_gate)
        {
            if (_watchers.Length == MostWatchers)
            {
                return null;
            }

            watcher.Writer.TryWrite(SseWriter.Event("history", RelaxedJson.Bytes(view.History.Write)));

            // A round of its own for the first; who joins later waits for the next one.
            _watchers = [.. _watchers, watcher];
            if (_running is null)
            {
                _running = new CancellationTokenSource();
                var token = _running.Token;
                _ = Task.Run(() => RunAsync(token), CancellationToken.None);
            }
        }

        return watcher.Reader;
    }

    /// <summary>Nobody reads these events any more.</summary>
    public void Leave(ChannelReader<byte[]> events)
    {
        lock (_gate)
        {
            _watchers = [.. _watchers.Where(w => w.Reader != events)];
            if (_watchers.Length == 0)
            {
                Dispose();
            }
        }
    }

    /// <summary>Looks no more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _running?.Cancel();
            _running?.Dispose();
            _running = null;
        }
    }

    /// <summary>The status now, as JSON.</summary>
    public async ValueTask<byte[]> StatusAsync(CancellationToken cancellationToken)
    {
        var stats = await view.Broker.GetStatsAsync(cancellationToken);
        return RelaxedJson.Bytes(json => StatusJson.Write(json, view, stats, time.GetUtcNow()));
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        IDisposable? watching = null;
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            var round = 0;
            do
            {
                watching ??= view.Pipeline?.Glimpse.Watch();
                await SampleAsync(round++, cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // Nobody watches any more.
        }
        finally
        {
            watching?.Dispose();
        }
    }

    private async Task SampleAsync(int round, CancellationToken cancellationToken)
    {
        try
        {
            if (round % 2 == 0)
            {
                Send("status", await StatusAsync(cancellationToken));
            }

            if (view.Pipeline?.Glimpse.Take() is { Count: > 0 } tweets)
            {
                Send("tweets", RelaxedJson.Bytes(json => Write(json, tweets)));
            }

            if (round % 4 == 0)
            {
                var topics = await view.Broker.GetTopicsAsync(cancellationToken);
                Send("topics", RelaxedJson.Bytes(json => Write(json, topics)));
            }
        }
        catch (BrokerUnavailableException unavailable)
        {
            LogUnavailable(unavailable.Message);
        }
        catch (Exception failed) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is: who watches would see nothing any more, and nobody would learn why.
            LogFailed(failed);
        }
    }

    private void Send(string name, ReadOnlySpan<byte> data)
    {
        var bytes = SseWriter.Event(name, data);
        foreach (var watcher in Volatile.Read(ref _watchers))
        {
            watcher.Writer.TryWrite(bytes);
        }
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<Local.SeenTweet> tweets)
    {
        json.WriteStartArray();
        foreach (var tweet in tweets)
        {
            json.WriteStartObject();
            json.WriteString("text", tweet.Text);
            json.WriteString("user", tweet.User);
            Write(json, "sentiment", tweet.Sentiment);
            Write(json, "engagement", tweet.Engagement);
            json.WriteNumber("retweets", tweet.Retweets);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<TopicStats> topics)
    {
        json.WriteStartObject();
        json.WriteNumber("total", topics.Count);
        json.WriteStartArray("topics");
        foreach (var topic in topics.Take(MostTopics))
        {
            HttpAnswer.WriteTopic(json, topic, MostSubscriptions);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    [LoggerMessage(LogLevel.Warning, "the page shows nothing new: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(LogLevel.Error, "the page shows nothing new at present")]
    private partial void LogFailed(Exception reason);
}
