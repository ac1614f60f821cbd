using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Rookery.Hosting;

/// <summary>The health that a program shows over HTTP.</summary>
public static class Health
{
    private const int LongestAnswer = 64 * 1024;

    /// <summary>
    /// Maps <c>/health/live</c>, which says that this process answers (whether storage or others do is no reason to restart it),
    /// and <c>/health/ready</c>, which says whether it should be given work, and why not.
    /// </summary>
    /// <param name="app">The program.</param>
    /// <param name="notReady">Why it is not ready; null: it is. Not asked while the program ends.</param>
    public static void MapHealth(this WebApplication app, Func<IServiceProvider, ValueTask<string?>> notReady)
    {
        var life = app.Services.GetRequiredService<IHostApplicationLifetime>();
        app.MapGet("/health/live", () => Results.Text("live\n"));
        app.MapGet("/health/ready", async () =>
            (life.ApplicationStopping.IsCancellationRequested ? "ending" : await notReady(app.Services).ConfigureAwait(false)) is { } why
                ? Results.Text($"{why}\n", statusCode: StatusCodes.Status503ServiceUnavailable)
                : Results.Text("ready\n"));
    }

    /// <summary>Asks a program whether it is ready, and says what it answers.</summary>
    /// <param name="name">What stands before what is said on <paramref name="error"/>.</param>
    /// <param name="program">Where it serves HTTP.</param>
    /// <param name="isHere">It is one of this machine, whatever names its certificate has: those that others call it by.</param>
    /// <param name="output">Gets the answer.</param>
    /// <param name="error">Is told that there is none.</param>
    /// <returns>0: it is; 1: it is not, does not answer within 5 s, or is something else.</returns>
    public static async Task<int> AskAsync(string name, Uri program, bool isHere, TextWriter output, TextWriter error)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(error);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, errors) => isHere || program.IsLoopback || errors == SslPolicyErrors.None;
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5), MaxResponseContentBufferSize = LongestAnswer };
        try
        {
            using var answer = await client.GetAsync(new Uri(program, "/health/ready"), HttpCompletionOption.ResponseHeadersRead).ConfigureAwait(false);
            var type = answer.Content.Headers.ContentType?.MediaType ?? "nothing";
            if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable) || type is not ("application/json" or "text/plain"))
            {
                // Somebody else's page says nothing about us.
                var said = $"{(int)answer.StatusCode} with {type}";
                await error.WriteLineAsync($"{name}: what answers on {program} is something else: it says {said} to /health/ready").ConfigureAwait(false);
                return 1;
            }

            using var limit = new CancellationTokenSource(client.Timeout);
            await answer.Content.LoadIntoBufferAsync(LongestAnswer, limit.Token).ConfigureAwait(false);
            await output.WriteLineAsync((await answer.Content.ReadAsStringAsync().ConfigureAwait(false)).TrimEnd()).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            var why = exception is OperationCanceledException ? "not within 5 s" : exception.GetBaseException().Message;
            await error.WriteLineAsync($"{name}: nothing answers on {program}: {why}").ConfigureAwait(false);
            return 1;
        }
    }
}
