using System.Text.Json;
using Rookery.Broker;
using Rookery.Local;
using Rookery.Tweets;

namespace Rookery.Command;

/// <summary>The status of a run as the page reads it.</summary>
internal static class StatusJson
{
    public static void Write(Utf8JsonWriter json, RunView view, BrokerStats broker, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteNumber("time", now.ToUnixTimeMilliseconds());
        json.WriteNumber("uptime_s", Math.Round(view.Uptime().TotalSeconds, 1));
        json.WriteString("version", $"rookery/{CommandLine.Version}");
        json.WriteStartArray("troubles");
        foreach (var trouble in view.Troubles())
        {
            json.WriteStringValue(trouble);
        }

        json.WriteEndArray();
        json.WriteStartObject("broker");
        json.WriteNumber("published", broker.Published);
        json.WriteNumber("delivered", broker.Delivered);
        json.WriteNumber("acknowledged", broker.Acknowledged);
        json.WriteNumber("failed_writes", broker.FailedWrites);
        json.WriteNumber("connections", view.Connections());
        json.WriteNumber("topics", broker.Topics);
        json.WriteString("durability", broker.Durability);
        json.WriteNumber("port", view.BrokerPort);
        json.WriteEndObject();
        if (view is { Pipeline: { } pipeline } && view.Look?.Take() is { } status)
        {
            Write(json, pipeline, status);
        }
        else
        {
            json.WriteNull("tweets");
        }

        json.WriteEndObject();
    }

    /// <summary>Name of a pool.</summary>
    public static string NameOf(Stages stage) => stage switch
    {
        Stages.Sentiment => "sentiment",
        Stages.Engagement => "engagement",
        _ => "censor",
    };

    /// <summary>How long the last batch took to write.</summary>
    public static void WriteTime(Utf8JsonWriter json, TimeSpan write) => json.WriteNumber("write_ms", Math.Round(write.TotalMilliseconds, 1));

    private static void Write(Utf8JsonWriter json, TweetPipeline pipeline, PipelineStatus status)
    {
        json.WriteStartObject("tweets");
        json.WriteNumber("in", status.In);
        json.WriteNumber("scored", status.Scored);
        WriteOptional(json, "stored", status.Store?.Stored);
        json.WriteNumber("waiting", status.Waiting);
        json.WriteNumber("crashes", status.Crashes);
        json.WriteStartArray("pools");
        foreach (var (stage, pool) in status.Pools.OrderBy(p => p.Key))
        {
            json.WriteStartObject();
            json.WriteString("stage", NameOf(stage));
            json.WriteNumber("workers", pool.Workers);
            json.WriteNumber("waiting", pool.Waiting);
            json.WriteNumber("crashes", pool.Crashes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Write(json, status.Store);
        json.WriteStartArray("sentiment");
        foreach (var bar in pipeline.Sentiments)
        {
            json.WriteStartObject();
            json.WriteNumber("from", bar.From);
            json.WriteNumber("to", bar.To);
            json.WriteNumber("count", bar.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("hashtags");
        foreach (var hashtag in status.TopHashtags)
        {
            json.WriteStartObject();
            json.WriteString("tag", hashtag.Tag);
            json.WriteNumber("count", hashtag.Count);
            json.WriteNumber("error", hashtag.Error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, StoreLoopStatus? store)
    {
        if (store is null)
        {
            json.WriteNull("store");
            return;
        }

        json.WriteStartObject("store");
        json.WriteString("state", store switch { { Paused: true } => "paused", { Down: not null } => "down", _ => "ok" });
        json.WriteString("reason", store.Down);
        json.WriteNumber("batch", store.LastBatch);
        WriteTime(json, store.LastTime);
        json.WriteNumber("next_batch", store.BatchSize);
        json.WriteNumber("stored", store.Stored);
        json.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
