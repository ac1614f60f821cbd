using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Rookery.Client;

/// <summary>The lines a client sends, and the marks of those it gets: a test holds them to the broker's own list.</summary>
internal static class Lines
{
    /// <summary>What a broker says first.</summary>
    public const string Greeting = "Successfully connected to message_broker";

    private static readonly SearchValues<char> TopicCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:");

    /// <summary>An event's line, all but its end.</summary>
    public static bool IsEvent(ReadOnlySpan<byte> line) => line.StartsWith("{"u8);

    /// <summary>A dead letter's line, which looks like an event's but for its end: <c>,"died":1769860800000}</c>.</summary>
    public static bool IsDeadLetter(ReadOnlySpan<byte> line)
    {
        var mark = ",\"died\":"u8;
        var tail = line.Length > mark.Length + 20 ? line[^(mark.Length + 20)..] : line;
        var at = tail.LastIndexOf(mark);
        return at >= 0 && tail[^1] == (byte)'}' && !tail[(at + mark.Length)..^1].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    /// <summary>The last line to a client whose name another connection took.</summary>
    public static bool IsTakeover(ReadOnlySpan<byte> line) => line.StartsWith("error: taken over"u8);

    /// <summary>The topic that was dropped, where a line says so; else nothing.</summary>
    public static ReadOnlySpan<byte> DroppedTopic(ReadOnlySpan<byte> line)
    {
        var rest = line.StartsWith("notice: topic "u8) ? line["notice: topic "u8.Length..] : default;
        return rest.IndexOf(" was dropped"u8) is > 0 and var end ? rest[..end] : default;
    }

    /// <summary>A last line before the broker closes the connection, whatever was asked.</summary>
    public static bool IsFarewell(ReadOnlySpan<byte> line) =>
        line.SequenceEqual("error: shutting down"u8) || line.SequenceEqual("error: connection to the broker lost"u8) || line.StartsWith("error: idle for "u8);

    /// <summary>A line that reports a failure.</summary>
    public static bool IsError(ReadOnlySpan<byte> line) => line.StartsWith("error: "u8) || line.StartsWith("no_event_error"u8);

    /// <summary>A remark that follows an acknowledgement's reply and answers no command.</summary>
    public static bool IsRemark(ReadOnlySpan<byte> line) => line.SequenceEqual("no available message"u8);

    /// <summary>The event that the broker does not have, where a line says so; else null.</summary>
    public static string? NoSuchEvent(string line)
    {
        const string Mark = "no_event_error: ";
        return line.StartsWith(Mark, StringComparison.Ordinal) ? line[Mark.Length..] : null;
    }

    /// <summary>The broker knows of no subscription to the topic.</summary>
    public static bool IsNotSubscribed(string line) => line.StartsWith("error: not a topic ", StringComparison.Ordinal);

    /// <summary>The broker asks for another token, or for one.</summary>
    public static bool IsAccessDenied(string line) =>
        line.StartsWith("error: a token is missing", StringComparison.Ordinal) || line.StartsWith("error: the token is not known", StringComparison.Ordinal);

    /// <summary>The broker cannot say whether a command was executed.</summary>
    public static bool IsUnknownOutcome(string line) => line.StartsWith("error: unknown outcome", StringComparison.Ordinal);

    /// <summary>Bytes of the longest line that a broker reads, as its reply to <c>hello</c> tells; null where it does not.</summary>
    public static int? LongestLine(string reply)
    {
        try
        {
            using var json = JsonDocument.Parse(reply["ok hello".Length..]);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("limits", out var limits) && limits.ValueKind == JsonValueKind.Object
                && limits.TryGetProperty("line_bytes", out var bytes) && bytes.ValueKind == JsonValueKind.Number && bytes.TryGetInt32(out var most)
                ? most
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // hello {"as":"...","token":"...","producer":"...","confirm":true,"meta":true}
    // Not "quiet": with a reply to each acknowledgement every error belongs to one command, and an ack is known to be durable.
    public static byte[] Hello(RookeryClientOptions options)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write("hello "u8);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            WriteIfSet(json, "as", options.Name);
            WriteIfSet(json, "token", options.Token);
            WriteIfSet(json, "producer", options.Producer);
            json.WriteBoolean("confirm", true);
            json.WriteBoolean("meta", true);
            json.WriteEndObject();
        }

        output.Write("\r\n"u8);
        return output.WrittenSpan.ToArray();
    }

    // sub <topic> {"window":256,"from":"start","lease_ms":0,"max_tries":0,"group":"..."}
    public static byte[] Subscribe(string topic, SubscribeOptions options, StartFrom? from)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write(Encoding.ASCII.GetBytes($"sub {topic} "));
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("window", options.Window);
            from?.WriteTo(json);
            if (options.LeaseMs is { } lease)
            {
                json.WriteNumber("lease_ms", lease);
            }

            if (options.MaxTries is { } tries)
            {
                json.WriteNumber("max_tries", tries);
            }

            WriteIfSet(json, "group", options.Group);
            json.WriteEndObject();
        }

        output.Write("\r\n"u8);
        return output.WrittenSpan.ToArray();
    }

    // dead <topic> {"key":"client:alice","seq":7,"limit":100}
    public static byte[] DeadLetters(string verb, string topic, string subscription, long? sequence, int? limit)
    {
        RequireTopic(topic);
        ArgumentException.ThrowIfNullOrEmpty(subscription);
        var output = new ArrayBufferWriter<byte>();
        output.Write(Encoding.ASCII.GetBytes($"{verb} {topic} "));
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("key", subscription);
            if (sequence is { } number)
            {
                json.WriteNumber("seq", number);
            }

            if (limit is { } most)
            {
                json.WriteNumber("limit", most);
            }

            json.WriteEndObject();
        }

        output.Write("\r\n"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Any line without JSON: words that are known to hold no line break.</summary>
    public static byte[] Plain(string line) => Encoding.ASCII.GetBytes(line + "\r\n");

    /// <exception cref="ArgumentException">The text is no topic.</exception>
    public static void RequireTopic(string? topic)
    {
        if (topic is not { Length: >= 1 and <= 200 } || topic is "." or ".." || topic.AsSpan().ContainsAnyExcept(TopicCharacters))
        {
            throw new ArgumentException($"topic is \"{topic}\"; it must be 1 to 200 of A-Z a-z 0-9 . _ - : and neither \".\" nor \"..\"");
        }
    }

    private static void WriteIfSet(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
