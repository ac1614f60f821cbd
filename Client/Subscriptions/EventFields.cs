using System.Text;
using System.Text.Json;

namespace Rookery.Client;

/// <summary>What an event's line says.</summary>
internal readonly struct EventFields
{
    public required string Id { get; init; }

    public required int Priority { get; init; }

    public required long Sequence { get; init; }

    public required long PublishedAt { get; init; }

    public required int Tries { get; init; }

    /// <summary>Where the message lies in the line.</summary>
    public required Range Message { get; init; }

    /// <summary>The topic of an event's line, which is its first property and needs no unescaping; empty where there is none.</summary>
    public static ReadOnlySpan<byte> TopicOf(ReadOnlySpan<byte> line)
    {
        var start = "{\"topic\":\""u8;
        if (!line.StartsWith(start))
        {
            return default;
        }

        var rest = line[start.Length..];
        var end = rest.IndexOf((byte)'"');
        return end < 0 ? default : rest[..end];
    }

    // {"topic":"tweets","priority":3,"msg":"...","id":"1","seq":7,"ts":1700000000000,"tries":1}
    /// <exception cref="RookeryConnectionException">The line is no event.</exception>
    public static EventFields Parse(ReadOnlySpan<byte> line)
    {
        string? id = null;
        Range? message = null;
        long sequence = 0, publishedAt = 0;
        int priority = 0, tries = 0;
        try
        {
            var json = new Utf8JsonReader(line);
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("msg"u8))
                {
                    json.Read();
                    var start = (int)json.TokenStartIndex;
                    json.Skip();
                    message = start..(int)json.BytesConsumed;
                }
                else if (json.ValueTextEquals("id"u8))
                {
                    json.Read();
                    id = json.TokenType == JsonTokenType.String ? json.GetString() : Encoding.UTF8.GetString(json.ValueSpan);
                }
                else if (json.ValueTextEquals("priority"u8))
                {
                    json.Read();
                    priority = json.GetInt32();
                }
                else if (json.ValueTextEquals("seq"u8))
                {
                    json.Read();
                    sequence = json.GetInt64();
                }
                else if (json.ValueTextEquals("ts"u8))
                {
                    json.Read();
                    publishedAt = json.GetInt64();
                }
                else if (json.ValueTextEquals("tries"u8))
                {
                    json.Read();
                    tries = json.GetInt32();
                }
                else
                {
                    json.Read();
                    json.Skip();
                }
            }
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new RookeryConnectionException($"the broker sent a line that is no event: {e.Message}", e);
        }

        if (id is null || message is null || sequence < 1)
        {
            throw new RookeryConnectionException("the broker sent an event without id, msg or seq");
        }

        return new EventFields { Id = id, Priority = priority, Sequence = sequence, PublishedAt = publishedAt, Tries = tries, Message = message.Value };
    }
}
