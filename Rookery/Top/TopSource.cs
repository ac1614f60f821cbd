using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using Rookery.Client;

namespace Rookery.Command;

/// <summary>Asks a running process over HTTP how it is.</summary>
internal sealed class TopSource : IDisposable
{
    // Whoever does not answer within this time is shown as gone.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly Uri _address;

    /// <param name="address">Where the page of the run is.</param>
    /// <param name="token">Credential, where it asks for one.</param>
    /// <param name="tls">How to make sure that it is the right one; null for the way of the system, where the address says https.</param>
    public TopSource(Uri address, string? token, TlsOptions? tls)
    {
        _address = tls is null ? address : With(address, Uri.UriSchemeHttps);
        _http = tls is null ? new HttpClient() : new HttpClient(Secure(tls));
        _http.BaseAddress = tls is null ? address : With(address, Uri.UriSchemeHttp);
        _http.Timeout = Patience;
        _http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
    }

    /// <exception cref="FailureException">It does not answer, or not so; the message says what to do.</exception>
    public async Task<TopFigures> TakeAsync(CancellationToken stop)
    {
        var (status, topics) = await TakeTextAsync(stop);
        try
        {
            return new TopFigures(JsonSerializer.Deserialize(status, CommandJson.Relaxed.TopStatus)!, JsonSerializer.Deserialize(topics, CommandJson.Relaxed.IReadOnlyListTopTopic)!);
        }
        catch (JsonException wrong)
        {
            throw new FailureException($"{_address} answers something else than a run of rookery. Choose its HTTP port with --url", wrong);
        }
    }

    /// <summary>Both answers as they come.</summary>
    public async Task<(byte[] Status, byte[] Topics)> TakeTextAsync(CancellationToken stop) =>
        (await GetAsync("/api/status", stop), await GetAsync("/api/topics", stop));

    public void Dispose() => _http.Dispose();

    /// <summary>TLS below HTTP, the same as that of the line protocol: the framework's own would not take another name.</summary>
    private static SocketsHttpHandler Secure(TlsOptions tls) => new()
    {
        UseProxy = false,
        ConnectCallback = async (context, stop) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(context.DnsEndPoint, stop);
                var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
                await tls.ShakeHandsAsync(stream, context.DnsEndPoint.Host, stop);
                return stream;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    private static Uri With(Uri address, string scheme) => new UriBuilder(address) { Scheme = scheme, Port = address.Port }.Uri;

    private async Task<byte[]> GetAsync(string path, CancellationToken stop)
    {
        try
        {
            using var answer = await _http.GetAsync(path, stop);
            var body = await answer.Content.ReadAsByteArrayAsync(stop);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => body,
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => throw new FailureException(
                    $"{_address}: {Reason(body)}. Set a token with the right to administer * in {BrokerSettings.TokenVariable}, or with --token"),
                _ => throw new FailureException($"{_address}: {(int)answer.StatusCode} {Reason(body)}"),
            };
        }
        catch (HttpRequestException failed)
        {
            throw failed.InnerException is AuthenticationException tls
                ? new FailureException($"no TLS with {_address}: {tls.Message.TrimEnd('.')}. What is trusted say --tls-ca, --tls-name and --tls-thumbprint", failed)
                : new FailureException(
                    $"no answer from {_address}: {failed.GetBaseException().Message.TrimEnd('.')}. Is a run with its page there? Start one with: rookery run; or say where it is with --url", failed);
        }
        catch (TaskCanceledException late) when (!stop.IsCancellationRequested)
        {
            throw new FailureException($"no answer from {_address} within {Patience.TotalSeconds:0} s", late);
        }
    }

    private static string Reason(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.GetProperty("error").GetString() ?? "";
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return EventLine.Plain(Encoding.UTF8.GetString(body), 100);
        }
    }
}
