using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>The subscriptions that are open as streams, and what their clients say about the events they got.</summary>
internal sealed class EventStreams(IBroker broker, HttpOptions options, TimeProvider time, WireLog log)
{
    private const int LongestSettlement = 1 << 20;

    private readonly ConcurrentDictionary<Guid, EventStream> _open = new();
    private readonly RequestBody.Budget _budget = new(options.MaxPendingBytes);
    private int _count;
    private volatile bool _ending;

    /// <summary>Tells every stream why, and ends it; one that comes later is refused.</summary>
    public void EndAll(string why)
    {
        _ending = true;
        foreach (var stream in _open.Values)
        {
            stream.End(why);
        }
    }

    /// <summary>Subscribes, and sends events until one of the two goes.</summary>
    public async Task HandleAsync(HttpContext context, Grant grant)
    {
        // A subscription takes events from others that share it, so a picture on another's page must not be one.
        HttpAccess.CheckOrigin(context);
        var topic = HttpPath.Topic(context);
        HttpAccess.Require(grant, Rights.Subscribe, topic);
        var query = SubscribeQuery.Read(context.Request, broker.Limits.MaxWindow, options.SubscriptionCredit);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        if (Interlocked.Increment(ref _count) > options.MaxSubscriptions)
        {
            Interlocked.Decrement(ref _count);
            throw HttpFaultException.Unavailable(Errors.Fill(HttpErrors.TooManySubscriptions, $"{options.MaxSubscriptions}"));
        }

        WireMetrics.HttpStreams.Add(1);
        try
        {
            await ServeAsync(context, grant, topic, query).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _count);
            WireMetrics.HttpStreams.Add(-1);
        }
    }

    /// <summary>Acknowledges, or gives back, what the body names.</summary>
    public async Task SettleAsync(HttpContext context, Grant grant, bool giveBack)
    {
        var text = context.GetRouteValue("session") as string ?? "";
        if (!Guid.TryParse(text, out var id) || !_open.TryGetValue(id, out var stream) || !ReferenceEquals(stream.Grant, grant))
        {
            throw HttpFaultException.NotFound(Errors.Fill(HttpErrors.NoSuchSession, Echo.Text(Encoding.UTF8.GetBytes(text))));
        }

        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw new HttpFaultException(StatusCodes.Status415UnsupportedMediaType, HttpErrors.JsonOnly);
        }

        SettleRequest request;
        using (var body = await RequestBody.ReadAsync(context, LongestSettlement, _budget).ConfigureAwait(false))
        {
            request = SettleRequest.Read(body.Span, giveBack);
        }

        if (request.Topic is { } topic && topic != stream.Topic.Value)
        {
            throw HttpFaultException.Bad(Errors.Fill(HttpErrors.OtherTopic, stream.Topic.Value));
        }

        var commands = new TopicCommands();
        commands.Reset(stream.Topic, 0);
        request.AddTo(commands, giveBack);
        await stream.Session.ExecuteAsync(commands).ConfigureAwait(false);
        await HttpAnswer.CountAsync(context, Count(commands, giveBack ? "nack" : "ack")).ConfigureAwait(false);
    }

    private static long Count(TopicCommands commands, string command)
    {
        var count = 0L;
        for (var i = 0; i < commands.Commands.Length; i++)
        {
            var result = commands.Results[i];
            count += (result.Outcome, commands.Commands[i].Kind) switch
            {
                (Outcome.Done, CommandKind.AcknowledgeRanges) => result.Count,
                (Outcome.Done, _) => 1,

                // Nothing of that is in flight: that is what none settled says.
                (Outcome.NoSuchEvent, _) => 0,
                _ => throw HttpFaultException.Of(result, $"{command} {commands.Topic}", commands.Topic),
            };
        }

        return count;
    }

    private async Task ServeAsync(HttpContext context, Grant grant, TopicName topic, SubscribeQuery query)
    {
        var identity = new SessionIdentity { Name = query.As, Owner = grant.Owner };
        var stream = new EventStream(identity.Id, grant, topic, query.Automatic, options.SubscriptionCredit);
        var session = await broker.OpenAsync(identity, stream, context.RequestAborted).ConfigureAwait(false);
        using var ended = new CancellationTokenSource();
        var acks = new StreamAcks(topic, () => stream.Session, time, ended.Token);
        try
        {
            stream.Session = session;
            await SubscribeAsync(stream, query, topic).ConfigureAwait(false);
            _open.TryAdd(stream.Id, stream);
            if (_ending)
            {
                stream.End(HttpFaultException.Plain(Errors.ShuttingDown));
            }

            await using var beats = time.CreateTimer(static stream => ((EventStream)stream!).Beat(), stream, options.Heartbeat, options.Heartbeat).ConfigureAwait(false);
            await using var gone = context.RequestAborted.UnsafeRegister(static stream => ((EventStream)stream!).End(null), stream).ConfigureAwait(false);
            await stream.SendAsync(SseWriter.Begin(context, options.SendTimeout, time), acks.Add).ConfigureAwait(false);
        }
        finally
        {
            _open.TryRemove(stream.Id, out _);
            await ended.CancelAsync().ConfigureAwait(false);
            await EndAsync(session, acks).ConfigureAwait(false);
            stream.Release();
        }
    }

    private static async Task SubscribeAsync(EventStream stream, SubscribeQuery query, TopicName topic)
    {
        var commands = new TopicCommands();
        commands.Reset(topic, 0);
        commands.Subscribe(query.Options);

        // Before the subscription, so that it comes before its first event; where there is none, it is never sent.
        stream.Say(SseWriter.Event("session", RelaxedJson.Bytes(RelaxedJson.Members(json =>
        {
            json.WriteString("session", stream.Id.ToString());
            json.WriteString("topic", topic.Value);
            json.WriteString("ack", query.Automatic ? "auto" : "manual");
        }))));
        await stream.Session.ExecuteAsync(commands).ConfigureAwait(false);
        var result = commands.Results[0];
        if (result.Outcome != Outcome.Done)
        {
            throw HttpFaultException.Of(result, $"sub {topic}", topic);
        }

        stream.Beat();
    }

    private async Task EndAsync(IBrokerSession session, StreamAcks acks)
    {
        try
        {
            try
            {
                await acks.Running.ConfigureAwait(false);
            }
            finally
            {
                // What an acknowledgement ran into must not leave the session behind.
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // The client is gone; whatever goes wrong now is the broker's to repair.
        catch (Exception error)
#pragma warning restore CA1031
        {
            log.ConnectionFailed(error);
        }
    }
}
