using Microsoft.AspNetCore.Http;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>Whether the process lives, and whether it can serve: for those who restart and those who route.</summary>
internal sealed class HealthRoutes(IBroker broker, IReadOnlyList<IHttpPart> parts)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public void Map(HttpRoutes routes)
    {
        routes.Open("GET", "/health/live", context => AnswerAsync(context, null));
        routes.Open("GET", "/health/ready", async context => await AnswerAsync(context, await TroubleAsync(context).ConfigureAwait(false)).ConfigureAwait(false));
    }

    private async Task<string?> TroubleAsync(HttpContext context)
    {
        try
        {
            await broker.GetStatsAsync(context.RequestAborted).AsTask().WaitAsync(Patience, context.RequestAborted).ConfigureAwait(false);
            return string.Join("; ", parts.Select(part => part.NotReady).OfType<string>()) is { Length: > 0 } notReady ? notReady : null;
        }
        catch (BrokerUnavailableException unavailable)
        {
            return unavailable.Message;
        }
        catch (TimeoutException)
        {
            return $"the broker did not answer within {Patience.TotalSeconds} s";
        }
    }

    private static Task AnswerAsync(HttpContext context, string? trouble) =>
        HttpAnswer.WriteAsync(context, trouble is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", trouble is null ? "ok" : "unavailable");
            if (trouble is not null)
            {
                json.WriteString("error", trouble);
            }

            json.WriteEndObject();
        });
}
