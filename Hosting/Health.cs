using System.Net.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Rookery.Hosting;

/// <summary>The health that a program shows over HTTP.</summary>
public static class Health
{
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

    /// <summary>Asks a program of this machine whether it is ready, and says what it answers.</summary>
    /// <param name="program">Where it serves HTTP.</param>
    /// <param name="output">Gets the answer.</param>
    /// <param name="error">Is told that there is none.</param>
    /// <returns>0: it is; 1: it is not, or does not answer within 5 s.</returns>
    public static async Task<int> AskAsync(Uri program, TextWriter output, TextWriter error)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(error);
        using var handler = new SocketsHttpHandler();

        // Within this machine it is the program, whatever names its certificate has: those that others call it by.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, errors) => program.IsLoopback || errors == SslPolicyErrors.None;
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await client.GetAsync(new Uri(program, "/health/ready")).ConfigureAwait(false);
            await output.WriteLineAsync((await answer.Content.ReadAsStringAsync().ConfigureAwait(false)).TrimEnd()).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            var why = exception is TaskCanceledException ? "not within 5 s" : exception.GetBaseException().Message;
            await error.WriteLineAsync($"nothing answers on {program}: {why}").ConfigureAwait(false);
            return 1;
        }
    }
}
