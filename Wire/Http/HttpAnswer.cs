using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>Writes answers.</summary>
public static class HttpAnswer
{
    /// <summary>Answers with JSON.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status.</param>
    /// <param name="write">Writes one value.</param>
    public static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(write);
        Begin(context, status);
        await using (var json = new Utf8JsonWriter(context.Response.BodyWriter, RelaxedJson.Options))
        {
            write(json);
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Writes the figures of a topic and its subscriptions, as <c>GET /api/topics/{topic}</c> shows them.</summary>
    /// <param name="json">Where they go.</param>
    /// <param name="topic">The figures.</param>
    /// <param name="mostSubscriptions">How many subscriptions are shown at most.</param>
    public static void WriteTopic(Utf8JsonWriter json, TopicStats topic, int mostSubscriptions = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(topic);
        StatsJson.Write(json, topic, mostSubscriptions);
    }

    internal static async Task WriteAsync(HttpContext context, int status, ByteBuffer body)
    {
        Begin(context, status);
        context.Response.ContentLength = body.Count;
        await context.Response.BodyWriter.WriteAsync(body.Memory, context.RequestAborted).ConfigureAwait(false);
    }

    internal static Task CountAsync(HttpContext context, long count) => WriteAsync(context, StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("count", count);
        json.WriteEndObject();
    });

    private static void Begin(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
    }
}
