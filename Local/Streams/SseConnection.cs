using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Rookery.Local;

/// <summary>One HTTP connection that streams events.</summary>
internal sealed class SseConnection : IDisposable
{
    private readonly HttpClient _client;
    private readonly HttpResponseMessage _response;
    private readonly Holder _holder;

    private SseConnection(HttpClient client, HttpResponseMessage response, Holder holder, Stream body)
    {
        _client = client;
        _response = response;
        _holder = holder;
        Body = body;
    }

    /// <summary>The events as they come.</summary>
    public Stream Body { get; }

    /// <summary>Whether more bytes are there already.</summary>
    public bool HasMore => _holder.Transport?.HasMore ?? false;

    /// <summary>Connects and checks that the answer is a stream of events.</summary>
    /// <exception cref="StreamEndedException">It is not; the message says what came instead.</exception>
    public static async Task<SseConnection> OpenAsync(Uri uri, string? lastEventId, CancellationToken cancellationToken)
    {
        var holder = new Holder();
        var client = new HttpClient(Handler(holder)) { Timeout = Timeout.InfiniteTimeSpan };
        HttpResponseMessage? response = null;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
            if (lastEventId is not null)
            {
                request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
            }

            response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            Check(uri, response);
            var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return new SseConnection(client, response, holder, body);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            Close();
            throw new StreamEndedException(StreamEnd.Refused, $"{uri} cannot be reached: {e.InnerException?.Message ?? e.Message}", e);
        }
        catch
        {
            Close();
            throw;
        }

        void Close()
        {
            response?.Dispose();
            client.Dispose();
        }
    }

    public void Dispose()
    {
        // The socket first: disposing a body that still runs would try to read it to its end.
        _holder.Transport?.Dispose();
        _response.Dispose();
        _client.Dispose();
    }

    private static void Check(Uri uri, HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new StreamEndedException(
                StreamEnd.Status, $"{uri} answered {(int)response.StatusCode} {response.ReasonPhrase}; a stream answers 200");
        }

        var type = response.Content.Headers.ContentType?.MediaType;
        if (!string.Equals(type, "text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            throw new StreamEndedException(
                StreamEnd.ContentType, $"{uri} answered with {type ?? "no content type"}; a stream is text/event-stream");
        }
    }

    private static SocketsHttpHandler Handler(Holder holder) => new()
    {
        AutomaticDecompression = DecompressionMethods.None,
        // A redirect is an answer like another: not a stream.
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await SocketConnect.ConnectAsync(socket, context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                socket.Dispose();
                throw;
            }

            holder.Transport = new ReadAheadStream(socket);
            return holder.Transport;
        },
    };

    private sealed class Holder
    {
        public ReadAheadStream? Transport { get; set; }
    }
}
