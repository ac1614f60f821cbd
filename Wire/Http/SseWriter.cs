using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Rookery.Wire;

/// <summary>
/// The answer to a request as a stream of server-sent events. A reader that takes nothing for too long is cut off, so that
/// what waits for it is bounded in time as well.
/// </summary>
public sealed class SseWriter
{
    private const int PieceBytes = 16 * 1024;

    private readonly HttpContext _context;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    private SseWriter(HttpContext context, TimeSpan timeout, TimeProvider time) => (_context, _timeout, _time) = (context, timeout, time);

    /// <summary>Nobody is there any more.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Begins the answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="timeout">Time in which the reader has to take the next 16 KiB.</param>
    /// <param name="time">The clock.</param>
    public static SseWriter Begin(HttpContext context, TimeSpan timeout, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.ContentType = "text/event-stream";

        // A proxy in between must not gather what is meant to be seen at once.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            // The timeout takes its place: it counts what waits, not what there is to say.
            rate.MinDataRate = null;
        }

        return new SseWriter(context, timeout, time);
    }

    /// <summary>The bytes of one event.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="data">Its data, without line breaks.</param>
    public static byte[] Event(string name, ReadOnlySpan<byte> data) => [.. "event: "u8, .. Encoding.ASCII.GetBytes(name), .. "\ndata: "u8, .. data, .. "\n\n"u8];

    /// <summary>Writes whole events.</summary>
    /// <returns>False where nobody is there any more.</returns>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> events)
    {
        try
        {
            while (!events.IsEmpty && !IsGone)
            {
                var piece = events[..Math.Min(PieceBytes, events.Length)];
                events = events[piece.Length..];
                var writing = _context.Response.BodyWriter.WriteAsync(piece, _context.RequestAborted);
                var result = writing.IsCompletedSuccessfully ? writing.Result : await writing.AsTask().WaitAsync(_timeout, _time).ConfigureAwait(false);
                IsGone = result.IsCompleted || result.IsCanceled || _context.RequestAborted.IsCancellationRequested;
            }
        }
        catch (TimeoutException)
        {
            WireMetrics.HttpStalled.Add(1);
            IsGone = true;
            _context.Abort();
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or InvalidOperationException)
        {
            IsGone = true;
        }

        return !IsGone;
    }
}
