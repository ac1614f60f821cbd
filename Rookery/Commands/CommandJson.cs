using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rookery.Command;

[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(SettingJson))]
[JsonSerializable(typeof(BenchJson))]
[JsonSerializable(typeof(TopStatus))]
[JsonSerializable(typeof(IReadOnlyList<TopTopic>))]
internal sealed partial class CommandJson : JsonSerializerContext
{
    public static CommandJson Relaxed { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower });

    /// <summary>A text as JSON.</summary>
    public static string Text(string text) => JsonSerializer.Serialize(text, Relaxed.String);
}
