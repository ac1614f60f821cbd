using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Rookery.Wire;

namespace Rookery.Command;

/// <summary>What the page reads, and what its buttons do.</summary>
internal sealed class LiveRoutes(RunView view, HttpOptions options, TimeProvider time, ILogger<LiveRoutes> logger) : IHttpPart, IDisposable
{
    private readonly LiveSampler _sampler = new(view, time, logger);
    private readonly CancellationTokenSource _ending = new();

    public string? NotReady => view.NotReady();

    public void Map(HttpRoutes routes)
    {
        using var description = typeof(LiveRoutes).Assembly.GetManifestResourceStream("run-openapi.json")!;
        using var text = new StreamReader(description);
        routes.Describe(text.ReadToEnd());
        routes.Administrator("GET", "/api/live", "live", WatchAsync);
        routes.Administrator("GET", "/api/status", "status", StatusAsync);
        routes.Administrator("POST", "/api/pipeline/pause", "pause", context => SwitchAsync(context, p => p.Pause()));
        routes.Administrator("POST", "/api/pipeline/resume", "resume", context => SwitchAsync(context, p => p.Resume()));
        routes.Administrator("POST", "/api/pipeline/kill", "kill", KillAsync);
    }

    /// <summary>Ends the streams of those who watch.</summary>
    public void End() => _ending.Cancel();

    public void Dispose()
    {
        _sampler.Dispose();
        _ending.Dispose();
    }

    private async Task WatchAsync(HttpContext context)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        var events = _sampler.Join()
            ?? throw new HttpFaultException(StatusCodes.Status503ServiceUnavailable, $"too many watch: at most {LiveSampler.MostWatchers}") { RetryAfter = 10 };
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, context.RequestAborted);
        try
        {
            var writer = SseWriter.Begin(context, options.SendTimeout, time);
            await foreach (var bytes in events.ReadAllAsync(end.Token))
            {
                if (!await writer.WriteAsync(bytes))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or the server stops.
        }
        finally
        {
            _sampler.Leave(events);
        }
    }

    private async Task StatusAsync(HttpContext context)
    {
        var bytes = await _sampler.StatusAsync(context.RequestAborted);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private Task SwitchAsync(HttpContext context, Action<Local.TweetPipeline> action)
    {
        action(Pipeline() is { Status.Store: not null } storing
            ? storing
            : throw new HttpFaultException(StatusCodes.Status404NotFound, "there is no store here: it runs with --no-store"));
        view.Look?.Forget();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private async Task KillAsync(HttpContext context)
    {
        try
        {
            await Pipeline().KillAsync();
        }
        catch (Exception stopped) when (stopped is InvalidOperationException or OperationCanceledException)
        {
            throw new HttpFaultException(StatusCodes.Status503ServiceUnavailable, "the pipeline does not run");
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Local.TweetPipeline Pipeline() =>
        view.Pipeline ?? throw new HttpFaultException(StatusCodes.Status404NotFound, "there is no pipeline here: it runs with --no-tweets");
}
