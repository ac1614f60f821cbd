using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rookery.Grains.Interfaces;

namespace Rookery.Silo;

/// <summary>What an operator does and sees over HTTP: <c>GET /pipeline</c>, <c>POST /pipeline/pause</c>, <c>POST /pipeline/resume</c>.</summary>
internal static class PipelineEndpoints
{
    public static void MapPipeline(this WebApplication app, SiloSettings settings)
    {
        var grains = app.Services.GetRequiredService<IGrainFactory>();
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Rookery.Silo.Pipeline");
        app.MapGet("/pipeline", (CancellationToken cancellationToken) => AnswerAsync(logger, async () => Results.Json(new
        {
            paused = await grains.GetGrain<IPipelineGrain>(0).IsPausedAsync(cancellationToken).ConfigureAwait(false),
            streams = settings.Pipeline.Source is not { } source ? [] : await Task.WhenAll(Enumerable.Range(1, settings.Pipeline.Streams)
                .Select(stream => grains.GetGrain<IStreamReaderGrain>(stream).KeepAsync(source, cancellationToken))).ConfigureAwait(false),
        })));
        app.MapPost("/pipeline/pause", (HttpRequest request, CancellationToken cancellationToken) => SetAsync(request, true, cancellationToken));
        app.MapPost("/pipeline/resume", (HttpRequest request, CancellationToken cancellationToken) => SetAsync(request, false, cancellationToken));

        async Task<IResult> SetAsync(HttpRequest request, bool paused, CancellationToken cancellationToken)
        {
            // A page of somebody else's must not do this by way of the operator's browser.
            if (request.Headers.Origin is [{ } origin, ..] && !origin.EndsWith($"://{request.Host}", StringComparison.OrdinalIgnoreCase))
            {
                return Results.Text("not from another site\n", statusCode: StatusCodes.Status403Forbidden);
            }

            return await AnswerAsync(logger, async () =>
            {
                await grains.GetGrain<IPipelineGrain>(0).SetPausedAsync(paused, cancellationToken).ConfigureAwait(false);
                return Results.Text(paused ? "paused\n" : "resumed\n");
            }).ConfigureAwait(false);
        }
    }

    /// <summary>What the grains answer; where they cannot, a sentence.</summary>
    private static async Task<IResult> AnswerAsync(ILogger logger, Func<Task<IResult>> answer)
    {
        try
        {
            return await answer().ConfigureAwait(false);
        }
        catch (InvalidOperationException exception)
        {
            return Unavailable(exception.Message);
        }
#pragma warning disable CA1031 // Whatever a call throws: the operator reads that it did not come to anything, and may try again.
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
#pragma warning restore CA1031
        {
            SiloLog.PipelineFailed(logger, exception);
            return Unavailable($"the pipeline cannot be asked at present: {CallErrors.Explain(exception)}; try again later");
        }
    }

    private static IResult Unavailable(string why) => Results.Text($"{why}\n", statusCode: StatusCodes.Status503ServiceUnavailable);
}
