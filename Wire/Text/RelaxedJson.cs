using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rookery.Wire;

/// <summary>JSON for people and programs to read: letters of every language as they are, where no page is made of it.</summary>
public static class RelaxedJson
{
    /// <summary>How it is written.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One value, in UTF-8.</summary>
    /// <param name="value">Writes it.</param>
    public static byte[] Bytes(Action<Utf8JsonWriter> value) => Write(value).WrittenSpan.ToArray();

    /// <summary>One value, as a text.</summary>
    /// <param name="value">Writes it.</param>
    public static string Text(Action<Utf8JsonWriter> value) => Encoding.UTF8.GetString(Write(value).WrittenSpan);

    /// <summary>An object, which is a value.</summary>
    /// <param name="members">Writes what is in it.</param>
    public static Action<Utf8JsonWriter> Members(Action<Utf8JsonWriter> members) => json =>
    {
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    };

    private static ArrayBufferWriter<byte> Write(Action<Utf8JsonWriter> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            value(json);
        }

        return bytes;
    }
}
