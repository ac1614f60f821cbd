using Microsoft.AspNetCore.Http;

namespace Rookery.Wire;

/// <summary>
/// Headers of every answer. A page served here runs nothing but the server's own files and talks to nobody else; no other
/// page may frame it, so that nobody is led to press its buttons unseen.
/// </summary>
internal static class HttpHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void Set(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }
}
