using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>What those see and do who may administer a topic: its figures, its subscriptions, their dead letters.</summary>
internal sealed class TopicRoutes(IBroker broker, SessionPool sessions)
{
    private const int MostLetters = 1000;
    private const int UsualLetters = 100;

    // /api/topics/{topic}/subscriptions/{key}
    private const int KeyAt = 4;

    public void Map(HttpRoutes routes)
    {
        routes.Map("GET", "/api/topics", ListAsync);
        routes.Map("GET", "/api/topics/{topic}", ShowAsync);
        routes.Map("DELETE", "/api/topics/{topic}", DropAsync);
        routes.Map("DELETE", "/api/topics/{topic}/subscriptions/{key}", EndAsync);
        routes.Map("GET", "/api/topics/{topic}/subscriptions/{key}/dead", ListDeadAsync, "limit");

        // Without a seq all are meant; a misspelt one must not discard all.
        routes.Map("DELETE", "/api/topics/{topic}/subscriptions/{key}/dead", (context, grant) => SettleAsync(context, grant, CommandKind.DiscardDead), "seq");
        routes.Map("POST", "/api/topics/{topic}/subscriptions/{key}/dead/replay", (context, grant) => SettleAsync(context, grant, CommandKind.ReplayDead), "seq");
    }

    private async Task ListAsync(HttpContext context, Grant grant)
    {
        if (grant.Administer.IsEmpty)
        {
            throw HttpAccess.NotAllowed(Errors.Fill(Errors.NotAllowedFigures, "topics", "some topic"));
        }

        var topics = await broker.GetTopicsAsync(context.RequestAborted).ConfigureAwait(false);
        await HttpAnswer.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray();
            foreach (var topic in topics)
            {
                if (grant.Administer.Contains(topic.Topic))
                {
                    StatsJson.Write(json, topic);
                }
            }

            json.WriteEndArray();
        }).ConfigureAwait(false);
    }

    private async Task ShowAsync(HttpContext context, Grant grant)
    {
        var topic = Administered(context, grant);
        var stats = await StatsAsync(context, topic).ConfigureAwait(false);
        await HttpAnswer.WriteAsync(context, StatusCodes.Status200OK, json => StatsJson.Write(json, stats)).ConfigureAwait(false);
    }

    private async Task DropAsync(HttpContext context, Grant grant)
    {
        var topic = Administered(context, grant);
        var result = await ExecuteAsync(context, grant, topic, "", commands => commands.DropTopic()).ConfigureAwait(false);
        await HttpAnswer.CountAsync(context, result.Count).ConfigureAwait(false);
    }

    private async Task EndAsync(HttpContext context, Grant grant)
    {
        var topic = Administered(context, grant);
        var key = HttpPath.Segment(context, KeyAt);
        await ExecuteAsync(context, grant, topic, key, commands => commands.Unsubscribe(Encoding.UTF8.GetBytes(key))).ConfigureAwait(false);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task ListDeadAsync(HttpContext context, Grant grant)
    {
        var topic = Administered(context, grant);
        var key = HttpPath.Segment(context, KeyAt);
        var most = (int)Number(context, "limit", UsualLetters, MostLetters);
        var result = await ExecuteAsync(context, grant, topic, key, commands => commands.DeadLetters(CommandKind.ListDead, key: Encoding.UTF8.GetBytes(key))).ConfigureAwait(false);
        var letters = result.DeadLetters ?? [];
        var answer = new ByteBuffer();
        try
        {
            var head = DeliveryText.Head(topic);
            answer.Append("{\"total\":"u8);
            answer.Append(result.Count);
            answer.Append(",\"letters\":["u8);
            for (var i = 0; i < Math.Min(most, letters.Count); i++)
            {
                if (i > 0)
                {
                    answer.Append((byte)',');
                }

                DeliveryText.WriteDead(answer, head, letters[i]);
            }

            answer.Append("]}"u8);
            await HttpAnswer.WriteAsync(context, StatusCodes.Status200OK, answer).ConfigureAwait(false);
        }
        finally
        {
            answer.Release();
        }
    }

    private async Task SettleAsync(HttpContext context, Grant grant, CommandKind kind)
    {
        var topic = Administered(context, grant);
        var key = HttpPath.Segment(context, KeyAt);
        var sequence = Number(context, "seq", 0, long.MaxValue);
        var result = await ExecuteAsync(context, grant, topic, key, commands => commands.DeadLetters(kind, sequence, Encoding.UTF8.GetBytes(key))).ConfigureAwait(false);
        await HttpAnswer.CountAsync(context, result.Count).ConfigureAwait(false);
    }

    /// <summary>Executes one command about somebody's subscription.</summary>
    private async Task<CommandResult> ExecuteAsync(HttpContext context, Grant grant, TopicName topic, string key, Action<TopicCommands> add)
    {
        await StatsAsync(context, topic).ConfigureAwait(false);
        var commands = new TopicCommands();
        commands.Reset(topic, 0);
        add(commands);
        await using (var session = await sessions.RentAsync(grant, producer: null, context.RequestAborted).ConfigureAwait(false))
        {
            await session.ExecuteAsync(commands).ConfigureAwait(false);
        }

        var result = commands.Results[0];
        return result.Outcome switch
        {
            Outcome.Done => result,
            Outcome.NotSubscribed => throw HttpFaultException.NotFound(Errors.Fill(HttpErrors.NoSuchSubscription, key, topic.Value)),
            Outcome.NoSuchEvent => throw HttpFaultException.NotFound(Errors.Fill(HttpErrors.NoSuchDead, commands.Commands[0].Number.ToString(CultureInfo.InvariantCulture), key)),
            _ => throw HttpFaultException.Of(result, $"{context.Request.Method} {context.Request.Path}", topic),
        };
    }

    private async Task<TopicStats> StatsAsync(HttpContext context, TopicName topic) =>
        await broker.GetTopicAsync(topic, context.RequestAborted).ConfigureAwait(false)
        ?? throw HttpFaultException.NotFound(Errors.Fill(Errors.NoSuchTopic, topic.Value));

    private static TopicName Administered(HttpContext context, Grant grant)
    {
        var topic = HttpPath.Topic(context);
        HttpAccess.Require(grant, Rights.Administer, topic);
        return topic;
    }

    private static long Number(HttpContext context, string name, long normal, long most)
    {
        return HttpQuery.Text(context.Request, name) is not { } text ? normal
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number
            : throw HttpFaultException.Bad($"{name} must be an integer from 1 to {most}");
    }
}
