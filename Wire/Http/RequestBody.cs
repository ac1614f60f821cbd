using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Rookery.Wire;

/// <summary>
/// The body of a request, in one piece: read from the transport's blocks as they come, so that what a client promised and
/// does not send takes no memory. The bytes of all requests together are bounded.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    private readonly ByteBuffer _bytes = new();
    private readonly Budget _budget;

    private RequestBody(Budget budget) => _budget = budget;

    public ReadOnlySpan<byte> Span => _bytes.Span;

    /// <exception cref="HttpFaultException">It is packed, too long or cut up wrongly, or too much is under way.</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpContext context, int most, Budget budget)
    {
        if (context.Request.Headers.ContentEncoding is { Count: > 0 } encoding && encoding != "identity")
        {
            throw new HttpFaultException(StatusCodes.Status415UnsupportedMediaType, HttpErrors.ContentEncoding);
        }

        var body = new RequestBody(budget);
        try
        {
            var reader = context.Request.BodyReader;
            while (true)
            {
                var result = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
                body.Add(result.Buffer, most);
                reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return body;
                }
            }
        }
        catch (Exception fault)
        {
            body.Dispose();
            if (fault is IOException and not BadHttpRequestException && !context.RequestAborted.IsCancellationRequested)
            {
                // A length of a chunk that is beyond all numbers: the web server does not count it as a bad request.
                throw HttpFaultException.Bad(Errors.Fill(HttpErrors.Unreadable, fault.Message.TrimEnd('.')));
            }

            throw;
        }
    }

    public void Dispose()
    {
        _budget.Give(_bytes.Count);
        _bytes.Release();
    }

    private void Add(in ReadOnlySequence<byte> bytes, int most)
    {
        if (_bytes.Count + bytes.Length > most)
        {
            throw new HttpFaultException(StatusCodes.Status413PayloadTooLarge, Errors.Fill(HttpErrors.BodyTooLong, $"{most}"));
        }

        if (!_budget.TryTake(bytes.Length))
        {
            throw HttpFaultException.Unavailable(HttpErrors.TooMuchPending);
        }

        foreach (var segment in bytes)
        {
            _bytes.Append(segment.Span);
        }
    }

    /// <summary>What all requests together may hold.</summary>
    internal sealed class Budget(long most)
    {
        private long _taken;

        public bool TryTake(long bytes)
        {
            if (Interlocked.Add(ref _taken, bytes) <= most)
            {
                return true;
            }

            Interlocked.Add(ref _taken, -bytes);
            return false;
        }

        public void Give(long bytes) => Interlocked.Add(ref _taken, -bytes);
    }
}
