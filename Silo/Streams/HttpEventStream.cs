using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using Rookery.Grains;
using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>
/// Reads streams with the parser of the runtime: one connection after the other, with back-off. An answer that is no stream of events, and
/// a stream that brings no byte for too long, are ends like others.
/// </summary>
internal sealed class HttpEventStream : IEventStream, IDisposable
{
    private readonly TimeProvider _time;
    private readonly EventStreamOptions _options;
    private readonly HttpClient _client;

    public HttpEventStream(TimeProvider time, EventStreamOptions? options = null)
    {
        (_time, _options) = (time, options ?? new EventStreamOptions());
        var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = _options.ConnectTimeout };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <inheritdoc/>
    public async Task RunAsync(Uri stream, string? lastEventId, IEventSink sink, CancellationToken cancellationToken)
    {
        var connection = new Connection(stream, sink, _options, _time) { LastId = lastEventId };
        var backOff = new BackOff(_options.BackOff.First, _options.BackOff.Longest);
        while (true)
        {
            var why = await connection.ReadAsync(_client, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            sink.Closed(why);
            if (connection.Events > 0)
            {
                backOff.Reset();
            }

            await Task.Delay(backOff.Next(connection.Retry), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>One connection at a time to one stream.</summary>
    private sealed class Connection(Uri stream, IEventSink sink, EventStreamOptions options, TimeProvider time)
    {
        private CancellationTokenSource? _deadline;

        public string? LastId { get; set; }

        public TimeSpan? Retry { get; private set; }

        public long Events { get; private set; }

        /// <summary>Reads until the connection ends.</summary>
        /// <returns>Why it did.</returns>
        public async Task<string> ReadAsync(HttpClient client, CancellationToken cancellationToken)
        {
            Events = 0;
            using var silence = new CancellationTokenSource(options.StallTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
            _deadline = silence;
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, stream);
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
                if (LastId is not null)
                {
                    request.Headers.TryAddWithoutValidation("Last-Event-ID", LastId);
                }

                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
                if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "text/event-stream")
                {
                    return $"{stream} answered {(int)response.StatusCode} with {response.Content.Headers.ContentType?.MediaType ?? "no content type"}; a stream is text/event-stream";
                }

                sink.Opened();
                var bytes = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
                var body = new EventBytes(bytes, options.MaxEventBytes, Heard);
                await using (body.ConfigureAwait(false))
                {
                    await ReadEventsAsync(body, either.Token).ConfigureAwait(false);
                }

                return $"{stream} ended the stream";
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return $"{stream} brought no byte for {options.StallTimeout.TotalSeconds:0.###} s";
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                return $"{stream}: {exception.InnerException?.Message ?? exception.Message}";
            }
        }

        // Comments too: many servers send them so that nobody takes a stream without events for dead.
        private void Heard() => _deadline!.CancelAfter(options.StallTimeout);

        private async Task ReadEventsAsync(Stream body, CancellationToken cancellationToken)
        {
            SseParser<bool> parser = null!;
            parser = SseParser.Create(body, (_, data) =>
            {
                if (!data.IsEmpty)
                {
                    Events++;
                    LastId = parser.LastEventId is { Length: > 0 } id ? id : LastId;

                    // Waiting for the pipeline is no silence of the server.
                    _deadline!.CancelAfter(Timeout.InfiniteTimeSpan);
                    sink.Received(data, parser.LastEventId is { Length: > 0 } ? LastId : null);
                    Heard();
                }

                return true;
            });
            await foreach (var _ in parser.EnumerateAsync(cancellationToken).ConfigureAwait(false))
            {
                Retry = parser.ReconnectionInterval > TimeSpan.Zero ? parser.ReconnectionInterval : null;
            }
        }
    }
}
