using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rookery.Wire;

/// <summary>Small JSON for answers and events.</summary>
internal static class HttpJson
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Object(string name, string value) => Object(json => json.WriteString(name, value));

    public static string Object(Action<Utf8JsonWriter> members)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Relaxed))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }
}
