using System.Text.Json;
using System.Text.Unicode;
using MongoDB.Bson;

namespace Rookery.Silo;

/// <summary>
/// Writes JSON as a BSON document: whole numbers that fit as Int32 or Int64, other numbers as double. What BSON cannot hold (a
/// name with a zero in it, half a surrogate, more than 64 levels) is written as the JSON's text, so that nothing is lost.
/// </summary>
internal static class OriginalWriter
{
    /// <summary>Writes a field with JSON.</summary>
    public static void Write(BsonBuffer buffer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        var before = buffer.Length;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (Utf8.IsValid(json) && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                buffer.Document(name, out var start);
                Fields(buffer, ref reader);
                buffer.End(start);
                return;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // It is written as text.
        }

        buffer.Truncate(before);
        buffer.String(name, Utf8.IsValid(json) ? json : System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(json)));
    }

    private static void Fields(BsonBuffer buffer, ref Utf8JsonReader reader)
    {
        Span<byte> unescaped = stackalloc byte[256];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            scoped var name = reader.ValueSpan;
            if (reader.ValueIsEscaped)
            {
                unescaped = unescaped.Length < name.Length ? new byte[name.Length] : unescaped;
                name = unescaped[..reader.CopyString(unescaped)];
            }

            if (name.Contains((byte)0))
            {
                throw new FormatException("a name has a zero in it");
            }

            reader.Read();
            buffer.Name(TypeOf(ref reader), name);
            Value(buffer, ref reader);
        }
    }

    private static void Items(BsonBuffer buffer, ref Utf8JsonReader reader)
    {
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            buffer.Name(TypeOf(ref reader), index);
            Value(buffer, ref reader);
        }
    }

    private static BsonType TypeOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => BsonType.Document,
        JsonTokenType.StartArray => BsonType.Array,
        JsonTokenType.String => BsonType.String,
        JsonTokenType.Number => reader.TryGetInt32(out _) ? BsonType.Int32 : reader.TryGetInt64(out _) ? BsonType.Int64 : BsonType.Double,
        JsonTokenType.True or JsonTokenType.False => BsonType.Boolean,
        _ => BsonType.Null,
    };

    private static void Value(BsonBuffer buffer, ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var document = buffer.Begin();
                Fields(buffer, ref reader);
                buffer.End(document);
                break;
            case JsonTokenType.StartArray:
                var array = buffer.Begin();
                Items(buffer, ref reader);
                buffer.End(array);
                break;
            case JsonTokenType.String when reader.ValueIsEscaped:
                buffer.EndString(reader.CopyString(buffer.ReserveString(reader.ValueSpan.Length)));
                break;
            case JsonTokenType.String:
                buffer.Value(reader.ValueSpan);
                break;
            case JsonTokenType.Number when reader.TryGetInt32(out var small):
                buffer.Value(small);
                break;
            case JsonTokenType.Number when reader.TryGetInt64(out var large):
                buffer.Value(large);
                break;
            case JsonTokenType.Number:
                buffer.Value(reader.GetDouble());
                break;
            case JsonTokenType.True or JsonTokenType.False:
                buffer.Value(reader.TokenType == JsonTokenType.True);
                break;
            default:
                break;
        }
    }
}
