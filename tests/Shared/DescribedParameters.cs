using System.Net;
using System.Text.Json;

namespace Rookery.Tests;

/// <summary>Holds the parameters that the document of a server lists to those that the server says there are.</summary>
internal static class DescribedParameters
{
    private const string Unknown = "nonsense";

    /// <summary>Asks each route that the document has for a parameter that there is not: it is refused, and those that there are are named.</summary>
    /// <param name="client">Asks the server.</param>
    /// <param name="document">Its <c>/api/openapi.json</c>.</param>
    public static async Task CheckAsync(HttpClient client, string document)
    {
        using var parsed = JsonDocument.Parse(document);
        var asked = 0;
        foreach (var path in parsed.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (var method in path.Value.EnumerateObject())
            {
                await CheckAsync(client, method.Name.ToUpperInvariant(), path.Name, QueryOf(method.Value));
                Assert.True(method.Value.GetProperty("responses").TryGetProperty("400", out _), $"{method.Name} {path.Name} does not say that it may answer 400");
                asked++;
            }
        }

        Assert.True(asked > 10, $"the document has {asked} operations");
    }

    private static async Task CheckAsync(HttpClient client, string method, string path, string[] parameters)
    {
        var place = path.Replace("{session}", $"{Guid.Empty}", StringComparison.Ordinal).Replace("{file}", "app.js", StringComparison.Ordinal)
            .Replace('{', 'x').Replace('}', 'x').TrimStart('/');
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"{place}?{Unknown}=1", UriKind.Relative));
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{method} {place}?{Unknown}=1 was answered with {answer.StatusCode}");
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var known = parameters.Length switch
        {
            0 => "are none here",
            1 => $"is {parameters[0]}",
            _ => $"are {string.Join(", ", parameters[..^1])} and {parameters[^1]}",
        };
        Assert.Equal($"bad options: {Unknown} is not known; there {known}", body.RootElement.GetProperty("error").GetString());
    }

    /// <summary>What the document says a query of an operation may have.</summary>
    private static string[] QueryOf(JsonElement operation) =>
        operation.TryGetProperty("parameters", out var all)
            ? [.. all.EnumerateArray().Where(p => p.TryGetProperty("in", out var place) && place.GetString() == "query").Select(p => p.GetProperty("name").GetString()!)]
            : [];
}
