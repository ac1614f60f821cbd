using System.Text.Json;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>Figures as JSON.</summary>
internal static class StatsJson
{
    public static string HelloReply(WireOptions options, BrokerLimits limits) => "ok hello " + RelaxedJson.Text(RelaxedJson.Members(json =>
    {
        json.WriteString("server", Server(options));
        json.WriteStartObject("limits");
        json.WriteNumber("line_bytes", options.MaxLineBytes);
        json.WriteNumber("msg_bytes", limits.MaxMessageBytes);
        json.WriteNumber("id_bytes", limits.MaxIdBytes);
        json.WriteNumber("window", limits.MaxWindow);
        json.WriteNumber("subscriptions", options.MaxSubscriptions);
        json.WriteNumber("pending_output_bytes", options.MaxPendingOutput);
        json.WriteNumber("pending_command_bytes", options.MaxPendingCommands);
        json.WriteNumber("idle_ms", (long)options.IdleTimeout.TotalMilliseconds);
        json.WriteEndObject();
    }));

    public static string TopicsReply(IReadOnlyList<TopicStats> topics) => "ok topics " + RelaxedJson.Text(json =>
    {
        json.WriteStartArray();
        foreach (var topic in topics)
        {
            json.WriteStartObject();
            WriteFigures(json, topic);
            json.WriteNumber("subscriptions", topic.Subscriptions.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    public static string TopicReply(TopicStats topic) => "ok stats " + RelaxedJson.Text(json => Write(json, topic));

    /// <summary>Writes a topic with its subscriptions, of these no more than so many.</summary>
    public static void Write(Utf8JsonWriter json, TopicStats topic, int mostSubscriptions = int.MaxValue)
    {
        json.WriteStartObject();
        WriteFigures(json, topic);
        json.WriteStartArray("subscriptions");
        foreach (var subscription in topic.Subscriptions.Take(mostSubscriptions))
        {
            json.WriteStartObject();
            json.WriteString("key", subscription.Key);
            json.WriteNumber("members", subscription.Members);
            json.WriteNumber("waiting", subscription.Waiting);
            json.WriteNumber("in_flight", subscription.InFlight);
            json.WriteNumber("dead", subscription.Dead);
            json.WriteNumber("delivered", subscription.Delivered);
            json.WriteNumber("redelivered", subscription.Redelivered);
            json.WriteNumber("acknowledged", subscription.Acknowledged);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static string BrokerReply(WireOptions options, BrokerStats stats, int connections) => "ok stats " + RelaxedJson.Text(RelaxedJson.Members(json =>
    {
        json.WriteString("server", Server(options));
        json.WriteString("durability", stats.Durability);
        json.WriteNumber("connections", connections);
        json.WriteNumber("sessions", stats.Sessions);
        json.WriteNumber("topics", stats.Topics);
        json.WriteNumber("published", stats.Published);
        json.WriteNumber("delivered", stats.Delivered);
        json.WriteNumber("acknowledged", stats.Acknowledged);
        json.WriteNumber("failed_writes", stats.FailedWrites);
    }));

    private static string Server(WireOptions options) => $"rookery/{options.Version}";

    private static void WriteFigures(Utf8JsonWriter json, TopicStats topic)
    {
        json.WriteString("topic", topic.Topic);
        json.WriteNumber("seq", topic.LastSequence);
        json.WriteNumber("events", topic.Events);
        json.WriteNumber("bytes", topic.Bytes);
        json.WriteNumber("dropped", topic.Dropped);
        json.WriteNumber("expired", topic.Expired);
        if (topic.NotReady is { } why)
        {
            json.WriteString("not_ready", why);
        }
    }
}
