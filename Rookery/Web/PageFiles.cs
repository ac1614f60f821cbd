using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Rookery.Wire;

namespace Rookery.Command;

/// <summary>The files of the live page, which are part of the program. A browser keeps them and asks whether they changed.</summary>
internal sealed class PageFiles : IHttpPart
{
    private const string Prefix = "page/";

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    private readonly Dictionary<string, PageFile> _files = Read(typeof(PageFiles).Assembly);

    public void Map(HttpRoutes routes)
    {
        routes.Open("GET", "/", context => AnswerAsync(context, "index.html"));
        routes.Open("GET", "/{file}", context => AnswerAsync(context, context.GetRouteValue("file") as string ?? ""));
    }

    private static Dictionary<string, PageFile> Read(Assembly assembly)
    {
        var files = new Dictionary<string, PageFile>(StringComparer.Ordinal);

        // One for all files of a build: a digest of each would load a library for digests, megabytes of it, into a process that needs none.
        var tag = $"\"{assembly.ManifestModule.ModuleVersionId:N}\"";
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            files.Add(resource[Prefix.Length..], new PageFile(bytes.ToArray(), Types[Path.GetExtension(resource)], tag));
        }

        return files;
    }

    private async Task AnswerAsync(HttpContext context, string name)
    {
        var response = context.Response;
        if (!_files.TryGetValue(name, out var file))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        response.Headers.CacheControl = "no-cache";
        response.Headers.ETag = file.Tag;
        if (context.Request.Headers.IfNoneMatch.Any(known => known is not null && known.Contains(file.Tag, StringComparison.Ordinal)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = file.Type;
        response.ContentLength = file.Content.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(file.Content, context.RequestAborted);
        }
    }

    private sealed record PageFile(byte[] Content, string Type, string Tag);
}
