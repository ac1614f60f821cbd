using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Rookery.Feed;

/// <summary>The routes: the page at <c>/</c>, the lexicon, the streams; anything else is not found.</summary>
internal sealed class FeedApplication(
    FeedOptions options, TweetWriter writer, FeedCounters counters, ILogger logger, CancellationToken stopping)
    : IHttpApplication<HttpContext>
{
    private const string StreamPrefix = "/tweets/";

    private readonly byte[] _home = HomePage.Render(options.Streams);

    public HttpContext CreateContext(IFeatureCollection contextFeatures)
    {
        return new DefaultHttpContext(contextFeatures);
    }

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public Task ProcessRequestAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            var isHere = path is "/" or "/emotion_values" || StreamNumber(path) is not null;
            context.Response.Headers.Allow = isHere ? HttpMethods.Get : default(string);
            return isHere
                ? Refuse(context, StatusCodes.Status405MethodNotAllowed, "method not allowed")
                : Refuse(context, StatusCodes.Status404NotFound, "not found");
        }

        return path switch
        {
            "/" => Send(context, "application/json; charset=utf-8", _home),
            "/emotion_values" => Send(context, "text/plain; charset=utf-8", EmotionValues.Bytes),
            _ when StreamNumber(path) is { } number => Stream(context, number),
            _ => Refuse(context, StatusCodes.Status404NotFound, "not found"),
        };
    }

    private int? StreamNumber(string path)
    {
        return path.StartsWith(StreamPrefix, StringComparison.Ordinal)
            && int.TryParse(path.AsSpan(StreamPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && path[StreamPrefix.Length] != '0'
            && number <= options.Streams
            ? number
            : null;
    }

    private static async Task Send(HttpContext context, string type, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }

    private static async Task Refuse(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        await Send(context, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(reason));
    }

    private async Task Stream(HttpContext context, int number)
    {
        if (!counters.TryEnter(options.MaxReaders))
        {
            FeedLog.ReaderRefused(logger, options.MaxReaders);
            await Refuse(context, StatusCodes.Status503ServiceUnavailable, $"too many readers: {nameof(options.MaxReaders)} is {options.MaxReaders}");
            return;
        }

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await context.Response.StartAsync(ending.Token);
            await writer.WriteAsync(context.Response.BodyWriter, number, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The reader left or the server stops: either way the stream ends here.
        }
        catch (Exception exception)
        {
            FeedLog.StreamFailed(logger, number, exception);
            context.Abort();
        }
        finally
        {
            counters.Leave();
        }
    }
}
