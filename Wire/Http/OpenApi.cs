using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rookery.Wire;

/// <summary>The description of the interface for tools: what the broker has, and what the parts beside it add. A test holds it to the routes there are.</summary>
internal sealed class OpenApi
{
    private static readonly JsonSerializerOptions Shown = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonObject _document = Read();

    /// <summary>Adds paths that a part describes.</summary>
    public void Add(string paths)
    {
        foreach (var (path, operations) in JsonNode.Parse(paths)!.AsObject())
        {
            _document["paths"]![path] = operations!.DeepClone();
        }
    }

    public void Map(HttpRoutes routes)
    {
        var bytes = new Lazy<byte[]>(() => JsonSerializer.SerializeToUtf8Bytes(_document, Shown));
        routes.Open("GET", "/api/openapi.json", async context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = bytes.Value.Length;
            await context.Response.Body.WriteAsync(bytes.Value, context.RequestAborted).ConfigureAwait(false);
        });
    }

    private static JsonObject Read()
    {
        using var stream = typeof(OpenApi).Assembly.GetManifestResourceStream("openapi.json")
            ?? throw new InvalidOperationException("the resource openapi.json is missing");
        return JsonNode.Parse(stream)!.AsObject();
    }
}
