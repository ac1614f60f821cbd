using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>What the path of a request names.</summary>
internal static class HttpPath
{
    /// <exception cref="HttpFaultException">It is no topic.</exception>
    public static TopicName Topic(HttpContext context)
    {
        var text = context.GetRouteValue("topic") as string ?? "";
        return TopicName.TryParse(text, out var topic)
            ? topic
            : throw HttpFaultException.Bad(Errors.Fill(Errors.BadTopic, Echo.Text(Encoding.UTF8.GetBytes(text)), TopicName.Rule));
    }

    /// <summary>
    /// A part of the path as it was meant: the server decodes a path but for <c>%2F</c>, so that what is left of one cannot be
    /// told from a text that has these characters.
    /// </summary>
    public static string Segment(HttpContext context, int index)
    {
        var path = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var query = path.IndexOf('?');
        var parts = (query < 0 ? path : path[..query]).Split('/', StringSplitOptions.RemoveEmptyEntries);
        return index < parts.Length ? Uri.UnescapeDataString(parts[index]) : "";
    }
}
