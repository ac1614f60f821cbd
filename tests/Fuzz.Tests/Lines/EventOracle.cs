using System.Text;
using System.Text.Json;

namespace Rookery.Fuzz.Tests;

/// <summary>Whether the payload of a publish is an event, by another JSON reader and the words of the contract.</summary>
internal static class EventOracle
{
    /// <returns>Null where the contract leaves it open, or the other reader is no judge.</returns>
    public static bool? IsEvent(ReadOnlyMemory<byte> json, bool numbered)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 60 });
            return IsEvent(document.RootElement, numbered);
        }
        catch (JsonException e)
        {
            // Deeper than the other reader was told to go is not yet too deep.
            return e.Message.Contains("depth", StringComparison.Ordinal) ? null : false;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate in the name of a field.
            return null;
        }
    }

    private static bool? IsEvent(JsonElement root, bool numbered)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("msg", out _) || !root.TryGetProperty("id", out var id))
        {
            return false;
        }

        return IsId(id)
            && IsWhole(root, "priority", -128, 127)
            && IsWhole(root, "ttl_ms", 0, 9007199254740991)
            && (!numbered || IsWhole(root, "n", 1, long.MaxValue));
    }

    private static bool IsId(JsonElement id)
    {
        if (id.ValueKind == JsonValueKind.Number)
        {
            return id.GetRawText().Length <= 256;
        }

        if (id.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        string text;
        try
        {
            text = id.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate.
            return false;
        }

        return Encoding.UTF8.GetByteCount(text) is >= 1 and <= 256
            && !text.Any(char.IsControl) && text[0] is not (' ' or '#') && text[^1] != ' ';
    }

    private static bool IsWhole(JsonElement root, string name, long least, long most) =>
        !root.TryGetProperty(name, out var value)
        || (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most);
}
