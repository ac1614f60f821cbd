using System.Net;

namespace Rookery.Silo;

/// <summary>
/// Answers whose events have a bound (see <see cref="EventBytes"/>): the reader above keeps an event in memory until it is whole, however
/// long it gets.
/// </summary>
internal sealed class BoundedEvents(int most, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        response.Content = new Bounded(response.Content, most);
        return response;
    }

    private sealed class Bounded : HttpContent
    {
        private readonly HttpContent _content;
        private readonly int _most;

        public Bounded(HttpContent content, int most)
        {
            (_content, _most) = (content, most);
            foreach (var (name, values) in content.Headers)
            {
                Headers.TryAddWithoutValidation(name, values);
            }
        }

        protected override async Task<Stream> CreateContentReadStreamAsync() =>
            new EventBytes(await _content.ReadAsStreamAsync().ConfigureAwait(false), _most);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _content.CopyToAsync(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _content.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
