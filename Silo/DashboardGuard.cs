using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Rookery.Silo;

/// <summary>Asks for the token, as the password of any user, before the dashboard is shown or the pipeline is seen to.</summary>
internal sealed class DashboardGuard(RequestDelegate next, string token)
{
    private readonly byte[] _token = SHA256.HashData(Encoding.UTF8.GetBytes(token));

    public Task InvokeAsync(HttpContext context)
    {
        if (!IsGuarded(context.Request.Path) || HasToken(context.Request.Headers.Authorization))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"rookery\"";
        return Task.CompletedTask;
    }

    private static bool IsGuarded(PathString path) =>
        path.StartsWithSegments("/dashboard", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/pipeline", StringComparison.OrdinalIgnoreCase);

    private bool HasToken(string? header)
    {
        if (header?.StartsWith("Bearer ", StringComparison.Ordinal) == true)
        {
            return Matches(header["Bearer ".Length..]);
        }

        if (header?.StartsWith("Basic ", StringComparison.Ordinal) != true)
        {
            return false;
        }

        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header["Basic ".Length..], bytes, out var length))
        {
            return false;
        }

        var user = Encoding.UTF8.GetString(bytes, 0, length);
        return user.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon && Matches(user[(colon + 1)..]);
    }

    private bool Matches(string given) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), _token);
}
