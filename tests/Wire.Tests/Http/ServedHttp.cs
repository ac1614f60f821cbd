using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Rookery.Wire.Tests;

/// <summary>A fake broker behind a real HTTP server, and a client of it, for one test.</summary>
public sealed class ServedHttp : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private ServedHttp(FakeBroker broker, HttpServer server)
    {
        (Broker, Server) = (broker, server);
        Client = new HttpClient { BaseAddress = new Uri($"http://{server.EndPoint}/"), Timeout = Deadline };
    }

    public FakeBroker Broker { get; }

    public HttpServer Server { get; }

    public HttpClient Client { get; }

    public static async Task<ServedHttp> StartAsync(HttpOptions? options = null, FakeBroker? broker = null, IHttpPart? part = null, ILoggerFactory? loggers = null)
    {
        broker ??= new FakeBroker();
        IHttpPart[] parts = part is null ? [] : [part];
        var server = new HttpServer(broker, (options ?? new HttpOptions()) with { Port = 0 }, parts, loggers: loggers);
        await server.StartAsync();
        return new ServedHttp(broker, server);
    }

    /// <summary>Asks, with headers in pairs of name and value, and gives status and body.</summary>
    public async Task<(HttpStatusCode Status, string Body)> AskAsync(string method, string path, string? body = null, string type = "application/json", params string[] headers)
    {
        using var response = await SendAsync(method, path, body, type, headers);
        return (response.StatusCode, await response.Content.ReadAsStringAsync().WaitAsync(Deadline));
    }

    public Task<HttpResponseMessage> SendAsync(string method, string path, string? body = null, string type = "application/json", params string[] headers) =>
        Client.SendAsync(Request(method, path, body, type, headers), HttpCompletionOption.ResponseHeadersRead);

    /// <summary>The sentence of a fault.</summary>
    public static string ErrorOf(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("error").GetString()!;
    }

    /// <summary>Subscribes, and reads past the event that tells the session.</summary>
    public async Task<SseReader> SubscribeAsync(string path, params string[] headers)
    {
        var response = await SendAsync("GET", path, headers: headers);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.StatusCode}: {(response.StatusCode == HttpStatusCode.OK ? "" : await response.Content.ReadAsStringAsync())}");
        return await SseReader.OpenAsync(response);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }

    private static HttpRequestMessage Request(string method, string path, string? body, string type, string[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = type.Length == 0 ? null : MediaTypeHeaderValue.Parse(type);
        }

        foreach (var pair in headers.Chunk(2))
        {
            Assert.True(request.Headers.TryAddWithoutValidation(pair[0], pair[1]) || request.Content!.Headers.TryAddWithoutValidation(pair[0], pair[1]));
        }

        return request;
    }
}
