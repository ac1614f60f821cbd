using System.Net;
using Microsoft.AspNetCore.Http;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>
/// Who may ask what: the tokens of the line protocol, and what keeps pages of other sites from using a browser that can
/// reach the server. A browser says where a request comes from; whoever sends no origin is no browser.
/// </summary>
internal sealed class HttpAccess(HttpOptions options, Gatekeeper? gatekeeper, TimeProvider time)
{
    private readonly Grant? _anonymous = options.Access is null ? Grant.Everything : options.Access.Anonymous;

    /// <summary>Refuses a request by a name that is not the server's: a stranger's name may lead here (DNS rebinding).</summary>
    /// <exception cref="HttpFaultException">It is by another name.</exception>
    public void CheckName(HttpContext context)
    {
        var host = context.Request.Host.Host;
        if (_anonymous is not null && !IsOurs(host))
        {
            WireMetrics.HttpForeign.Add(1);
            throw new HttpFaultException(StatusCodes.Status421MisdirectedRequest, Errors.Fill(HttpErrors.BadName, host));
        }
    }

    /// <summary>Refuses what a page of another origin asks for.</summary>
    /// <exception cref="HttpFaultException">It comes from one.</exception>
    public static void CheckOrigin(HttpContext context)
    {
        var headers = context.Request.Headers;
        var origin = headers.Origin.ToString();
        var site = headers["Sec-Fetch-Site"].ToString();
        var sameOrigin = origin.Length == 0
            || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority.Equals(AuthorityOf(context, uri), StringComparison.OrdinalIgnoreCase));
        if (!sameOrigin || site is not ("" or "same-origin" or "none"))
        {
            WireMetrics.HttpForeign.Add(1);
            throw new HttpFaultException(StatusCodes.Status403Forbidden, HttpErrors.OtherOrigin);
        }
    }

    /// <summary>What whoever asks may do.</summary>
    /// <exception cref="HttpFaultException">Nothing.</exception>
    public async ValueTask<Grant> AdmitAsync(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        if (gatekeeper is null)
        {
            return Grant.Everything;
        }

        if (authorization.Length == 0)
        {
            return _anonymous ?? throw Unauthorized(context, HttpErrors.TokenMissing);
        }

        if (!authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            throw Unauthorized(context, HttpErrors.NotBearer);
        }

        var remote = new IPEndPoint(context.Connection.RemoteIpAddress ?? IPAddress.None, 0);
        if (gatekeeper.Admit(authorization["Bearer ".Length..].Trim(), remote, out var fault) is { } grant)
        {
            return grant;
        }

        await Task.Delay(options.FailedAttemptDelay, time, context.RequestAborted).ConfigureAwait(false);
        throw fault == Errors.TokenUnknown
            ? Unauthorized(context, fault)
            : new HttpFaultException(StatusCodes.Status429TooManyRequests, fault!) { RetryAfter = (int)FailedAttempts.Window.TotalSeconds };
    }

    /// <exception cref="HttpFaultException">The right is missing.</exception>
    public static void Require(Grant grant, Rights needed, TopicName topic)
    {
        if ((grant.On(topic.Value) & needed) == 0)
        {
            throw NotAllowed(Errors.Lacks(needed, topic.Value));
        }
    }

    /// <exception cref="HttpFaultException">Who asks may not administer everything.</exception>
    public static void RequireAll(Grant grant, string what)
    {
        if (!grant.Administer.IsEverything)
        {
            throw NotAllowed(Errors.Fill(Errors.NotAllowedFigures, what, "*"));
        }
    }

    public static HttpFaultException NotAllowed(string message)
    {
        WireMetrics.NotAllowed.Add(1);
        return new HttpFaultException(StatusCodes.Status403Forbidden, message);
    }

    private static HttpFaultException Unauthorized(HttpContext context, string message)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"rookery\"";
        return new HttpFaultException(StatusCodes.Status401Unauthorized, message);
    }

    /// <summary>The host a request named, with the port left out where the origin's scheme leaves it out.</summary>
    private static string AuthorityOf(HttpContext context, Uri origin)
    {
        var host = context.Request.Host;
        return host.Port is null || (origin.IsDefaultPort && host.Port == origin.Port) ? host.Host : $"{host.Host}:{host.Port}";
    }

    private bool IsOurs(string host)
    {
        // Every browser gives a name; who asks without one is a probe.
        if (host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || options.Names.Contains(host, StringComparer.OrdinalIgnoreCase))
        {
            return true;
        }

        // No page of a stranger comes from an address; a server on this machine alone has only its own.
        return IPAddress.TryParse(host.Trim('[', ']'), out var address) && (!IPAddress.IsLoopback(options.Host) || IPAddress.IsLoopback(address));
    }
}
