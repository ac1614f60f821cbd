using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Rookery.Wire;

/// <summary>Something that a host serves beside the broker on its HTTP port.</summary>
public interface IHttpPart
{
    /// <summary>Says what is where.</summary>
    void Map(HttpRoutes routes);

    /// <summary>Why it cannot do its work at present; null: it can. For <c>/health/ready</c>.</summary>
    string? NotReady => null;
}

/// <summary>What is where, and who may ask for it. Whatever changes something is kept from pages of other origins.</summary>
public sealed class HttpRoutes
{
    private readonly IEndpointRouteBuilder _routes;
    private readonly HttpAccess _access;
    private readonly List<string> _known = [];

    internal HttpRoutes(IEndpointRouteBuilder routes, HttpAccess access) => (_routes, _access) = (routes, access);

    internal OpenApi Document { get; } = new();

    /// <summary>Every route as its method and pattern, such as <c>GET /api/topics</c>.</summary>
    public IReadOnlyList<string> Known => _known;

    /// <summary>Describes routes for tools: the value of <c>paths</c> of an OpenAPI document, as JSON.</summary>
    public void Describe(string paths) => Document.Add(paths);

    /// <summary>Serves something to everybody, without a token; with GET comes HEAD. Its query has no parameters.</summary>
    public void Open(string method, [StringSyntax("Route")] string pattern, RequestDelegate handler) => Add(method, pattern, [], handler);

    /// <summary>Serves something to those who may administer every topic. Its query has no parameters.</summary>
    /// <param name="method">The method.</param>
    /// <param name="pattern">The pattern of the path.</param>
    /// <param name="what">What it is called in the answer to those who may not.</param>
    /// <param name="handler">Answers.</param>
    public void Administrator(string method, [StringSyntax("Route")] string pattern, string what, RequestDelegate handler) =>
        Map(method, pattern, (context, grant) =>
        {
            HttpAccess.RequireAll(grant, what);
            return handler(context);
        });

    /// <summary>Serves something to those who are let in; what they may is for the handler to ask.</summary>
    /// <param name="method">The method.</param>
    /// <param name="pattern">The pattern of the path.</param>
    /// <param name="handler">Answers.</param>
    /// <param name="parameters">What the query may have; the document lists the same.</param>
    internal void Map(string method, [StringSyntax("Route")] string pattern, Func<HttpContext, Grant, Task> handler, params string[] parameters) =>
        Add(method, pattern, parameters, async context => await handler(context, await _access.AdmitAsync(context).ConfigureAwait(false)).ConfigureAwait(false));

    private static void Check(HttpContext context, string[] parameters)
    {
        HttpQuery.Check(context.Request, parameters);
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            HttpAccess.CheckOrigin(context);
        }
    }

    private void Add(string method, string pattern, string[] parameters, RequestDelegate handler)
    {
        _known.Add($"{method} {pattern}");
        _routes.MapMethods(pattern, method == HttpMethods.Get ? [method, HttpMethods.Head] : [method], context =>
        {
            Check(context, parameters);
            return handler(context);
        });
    }
}
