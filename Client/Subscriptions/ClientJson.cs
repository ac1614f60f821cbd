using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rookery.Client;

[JsonSerializable(typeof(string))]
internal sealed partial class ClientJson : JsonSerializerContext
{
    /// <summary>Writes text as it is where JSON allows that; the line is no HTML.</summary>
    public static ClientJson Relaxed { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
