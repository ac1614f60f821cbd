
namespace Rookery.Wire;

/// <summary>The description of the interface for tools; a test holds it to the routes there are.</summary>
internal static class OpenApi
{
    private static readonly byte[] Document = Read();

    public static void Map(HttpRoutes routes) => routes.Open("GET", "/api/openapi.json", async context =>
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Document.Length;
        await context.Response.Body.WriteAsync(Document, context.RequestAborted).ConfigureAwait(false);
    });

    private static byte[] Read()
    {
        using var stream = typeof(OpenApi).Assembly.GetManifestResourceStream("openapi.json")
            ?? throw new InvalidOperationException("the resource openapi.json is missing");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
