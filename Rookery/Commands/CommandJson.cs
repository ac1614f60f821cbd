using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rookery.Command;

[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(SettingJson))]
internal sealed partial class CommandJson : JsonSerializerContext
{
    public static CommandJson Relaxed { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower });
}
