using System.Globalization;

namespace Rookery.Wire;

/// <summary>Reads the payload of a <c>pub</c> in one pass. Unknown fields are ignored; of a repeated field the last counts.</summary>
internal static class EventParser
{
    private const long MaxTimeToLiveMs = (1L << 53) - 1;
    private const int LongestName = 64;

    /// <summary>Reads a payload of valid UTF-8.</summary>
    /// <param name="json">The payload.</param>
    /// <param name="maxId">Longest id, in bytes of its text.</param>
    /// <param name="maxMessage">Longest message, in bytes of JSON.</param>
    /// <param name="numbered">Whether the client named itself a producer, so that <c>n</c> means something.</param>
    /// <param name="read">What it says.</param>
    /// <returns>The error line, or null where there is nothing wrong.</returns>
    public static string? Read(ReadOnlySpan<byte> json, int maxId, int maxMessage, bool numbered, out PublishedEvent read)
    {
        var scanner = new JsonScanner(json);
        var fault = ReadNext(ref scanner, json, maxId, maxMessage, numbered, out read);
        return scanner.Fault is null && (scanner.Peek() != 0 || scanner.At < json.Length)
            ? Errors.Fill(Errors.EventNotJson, "more behind the object", scanner.At.ToString(CultureInfo.InvariantCulture))
            : fault;
    }

    /// <summary>
    /// Reads the payload that begins where the scanner stands, and leaves the scanner behind it. Where the fault is one of JSON,
    /// the scanner has it too, and nothing can be read behind it.
    /// </summary>
    public static string? ReadNext(
        scoped ref JsonScanner scanner, ReadOnlySpan<byte> json, int maxId, int maxMessage, bool numbered, out PublishedEvent read)
    {
        read = default;
        ReadOnlySpan<byte> priority = default, timeToLive = default, number = default;
        if (!scanner.Take((byte)'{', "expected {"))
        {
            return NotJson(scanner);
        }

        if (scanner.Peek() == '}')
        {
            scanner.Take((byte)'}', "");
        }
        else
        {
            do
            {
                scanner.Peek();
                var nameAt = scanner.At;
                if (!scanner.TakeString())
                {
                    return NotJson(scanner);
                }

                var name = json[nameAt..scanner.At];
                if (!scanner.Take((byte)':', "expected :"))
                {
                    return NotJson(scanner);
                }

                scanner.Peek();
                var valueAt = scanner.At;
                scanner.SawSpace = false;
                if (!scanner.TakeValue(depth: 1))
                {
                    return NotJson(scanner);
                }

                var value = json[valueAt..scanner.At];
                switch (FieldOf(name))
                {
                    case Field.Id:
                        read.Id = value;
                        break;
                    case Field.Message:
                        read.Message = value;
                        read.MessageHasSpace = scanner.SawSpace;
                        break;
                    case Field.Priority:
                        priority = value;
                        break;
                    case Field.TimeToLive:
                        timeToLive = value;
                        break;
                    case Field.Number:
                        number = value;
                        break;
                }
            }
            while (scanner.Peek() == ',' && scanner.Take((byte)',', ""));

            if (!scanner.Take((byte)'}', "expected , or }"))
            {
                return NotJson(scanner);
            }
        }

        return CheckId(read.Id, maxId)
            ?? CheckMessage(read.Message, maxMessage)
            ?? CheckPriority(priority, ref read)
            ?? CheckTimeToLive(timeToLive, ref read)
            ?? (numbered ? CheckNumber(number, ref read) : null);
    }

    private static string? CheckId(ReadOnlySpan<byte> token, int most)
    {
        if (token.IsEmpty)
        {
            return Errors.EventWithoutId;
        }

        if (token[0] is not ((byte)'"' or (byte)'-' or (>= (byte)'0' and <= (byte)'9')))
        {
            return Errors.EventIdType;
        }

        // An escape takes at most six bytes for one of text: longer than that, it need not be decoded to be refused.
        if (token.Length > (most * 6) + 2)
        {
            return Errors.Fill(Errors.EventIdLength, $"more than {most}", most.ToString(CultureInfo.InvariantCulture));
        }

        Span<byte> scratch = stackalloc byte[token.Length];
        if (!JsonText.TryDecode(token, scratch, out var text))
        {
            return Errors.Fill(Errors.EventIdText, "a lone surrogate");
        }

        if (text.Length == 0 || text.Length > most)
        {
            return Errors.Fill(
                Errors.EventIdLength, text.Length.ToString(CultureInfo.InvariantCulture), most.ToString(CultureInfo.InvariantCulture));
        }

        var fault = text[0] == '#' ? "a leading #"
            : text[0] == ' ' || text[^1] == ' ' ? "a space at an end"
            : HasControl(text) ? "a control character"
            : null;
        return fault is null ? null : Errors.Fill(Errors.EventIdText, fault);
    }

    private static bool HasControl(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c < 0x20 || c == 0x7F || (c == 0xC2 && text[i + 1] < 0xA0))
            {
                return true;
            }
        }

        return false;
    }

    private static string? CheckMessage(ReadOnlySpan<byte> token, int most) =>
        token.IsEmpty ? Errors.EventWithoutMessage
        : token.Length > most ? Errors.Fill(
            Errors.EventMessageLength, token.Length.ToString(CultureInfo.InvariantCulture), most.ToString(CultureInfo.InvariantCulture))
        : null;

    private static string? CheckPriority(ReadOnlySpan<byte> token, ref PublishedEvent read)
    {
        if (token.IsEmpty)
        {
            return null;
        }

        if (!JsonText.TryInteger(token, out var value) || value is < sbyte.MinValue or > sbyte.MaxValue)
        {
            return Errors.Fill(Errors.EventPriority, Echo.Text(token));
        }

        read.Priority = (sbyte)value;
        return null;
    }

    private static string? CheckTimeToLive(ReadOnlySpan<byte> token, ref PublishedEvent read) =>
        token.IsEmpty || (JsonText.TryInteger(token, out read.TimeToLiveMs) && read.TimeToLiveMs is >= 0 and <= MaxTimeToLiveMs)
            ? null
            : Errors.Fill(Errors.EventTimeToLive, Echo.Text(token));

    private static string? CheckNumber(ReadOnlySpan<byte> token, ref PublishedEvent read) =>
        token.IsEmpty || (JsonText.TryInteger(token, out read.Number) && read.Number >= 1)
            ? null
            : Errors.Fill(Errors.EventNumber, Echo.Text(token));

    private static Field FieldOf(ReadOnlySpan<byte> name)
    {
        if (name.Contains((byte)'\\'))
        {
            Span<byte> scratch = stackalloc byte[LongestName];
            return name.Length <= LongestName && JsonText.TryDecode(name, scratch, out var text) ? Named(text) : Field.Other;
        }

        return Named(name[1..^1]);
    }

    private static Field Named(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("id"u8) ? Field.Id
        : name.SequenceEqual("msg"u8) ? Field.Message
        : name.SequenceEqual("priority"u8) ? Field.Priority
        : name.SequenceEqual("ttl_ms"u8) ? Field.TimeToLive
        : name.SequenceEqual("n"u8) ? Field.Number
        : Field.Other;

    private static string NotJson(in JsonScanner scanner) => scanner.TooDeep
        ? Errors.Fill(Errors.EventTooDeep, JsonScanner.MaxDepth.ToString(CultureInfo.InvariantCulture))
        : Errors.Fill(Errors.EventNotJson, scanner.Fault!, scanner.At.ToString(CultureInfo.InvariantCulture));

    private enum Field
    {
        Other,
        Id,
        Message,
        Priority,
        TimeToLive,
        Number,
    }
}
