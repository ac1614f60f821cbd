using System.Text;
using Microsoft.AspNetCore.Http;

namespace Rookery.Wire;

/// <summary>The query of a request, of which nothing is passed over: what is not known, or said twice, is refused.</summary>
internal static class HttpQuery
{
    /// <summary>Refuses a parameter that there is not, and one that is there more than once: one of its values would be passed over.</summary>
    /// <param name="request">The request.</param>
    /// <param name="known">Those that there are.</param>
    /// <exception cref="HttpFaultException">There is one.</exception>
    public static void Check(HttpRequest request, string[] known)
    {
        if (!request.QueryString.HasValue)
        {
            return;
        }

        foreach (var (name, values) in request.Query)
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw Bad($"{Named(name)} is not known; there {(known.Length == 1 ? "is" : "are")} {Listed(known)}");
            }

            if (values.Count > 1)
            {
                throw Bad($"{Named(name)} is given more than once");
            }
        }
    }

    /// <summary>The value of a parameter; null: it is not there.</summary>
    public static string? Text(HttpRequest request, string name) => request.Query.TryGetValue(name, out var values) ? values.ToString() : null;

    private static HttpFaultException Bad(string fault) => HttpFaultException.Bad(Errors.Fill(Errors.BadOptions, fault));

    private static string Named(string parameter) => parameter.Length == 0 ? "a parameter without a name" : Echo.Text(Encoding.UTF8.GetBytes(parameter));

    private static string Listed(string[] names) => names.Length switch
    {
        0 => "none here",
        1 => names[0],
        _ => $"{string.Join(", ", names[..^1])} and {names[^1]}",
    };
}
