using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>Publishes what a request brings, and answers when it is durable.</summary>
internal sealed class PublishRoute(IBroker broker, HttpOptions options, SessionPool sessions)
{
    public const string ProducerHeader = "Rookery-Producer";

    private readonly RequestBody.Budget _budget = new(options.MaxPendingBytes);

    public async Task HandleAsync(HttpContext context, Grant grant)
    {
        var topic = HttpPath.Topic(context);
        HttpAccess.Require(grant, Rights.Publish, topic);
        var lines = IsLines(context.Request);
        var producer = Producer(context.Request);
        var staged = new StagedEvents(topic, broker.Limits, producer is not null, options.MaxBatchEvents);

        // Held to the end: its bytes stand in the budget for the batches that are made of them too.
        using var body = await RequestBody.ReadAsync(context, options.MaxBodyBytes, _budget).ConfigureAwait(false);
        staged.Read(body.Span, lines);
        if (staged.Batches.Count > 0)
        {
            if (ActivityContext.TryParse(context.Request.Headers.TraceParent, context.Request.Headers.TraceState, isRemote: true, out var trace))
            {
                staged.Batches[0].Trace = trace;
            }

            await using var session = await sessions.RentAsync(grant, producer, context.RequestAborted).ConfigureAwait(false);

            // All at once, in order: together they share the commits. What was begun is brought to its end though the client may be gone.
            await Task.WhenAll([.. staged.Batches.Select(batch => session.ExecuteAsync(batch).AsTask())]).ConfigureAwait(false);
        }

        await AnswerAsync(context, topic, staged).ConfigureAwait(false);
    }

    private static async Task AnswerAsync(HttpContext context, TopicName topic, StagedEvents staged)
    {
        var answer = new ByteBuffer();
        try
        {
            var status = StatusCodes.Status200OK;
            if (staged.IsSingle)
            {
                status = WriteSingle(answer, topic, staged.Places[0]);
            }
            else
            {
                WriteAll(answer, topic, staged.Places);
            }

            await HttpAnswer.WriteAsync(context, status, answer).ConfigureAwait(false);
        }
        finally
        {
            answer.Release();
        }
    }

    private static int WriteSingle(ByteBuffer answer, TopicName topic, StagedEvents.Place place)
    {
        if (place.Batch is null)
        {
            throw HttpFaultException.Bad(place.Fault!);
        }

        ref readonly var result = ref place.Batch.Results[place.Index];
        if (result.Outcome is not (Outcome.Done or Outcome.Repeated))
        {
            throw Fault(topic, place, result);
        }

        WriteStored(answer, place, result);
        return result.Outcome == Outcome.Done ? StatusCodes.Status201Created : StatusCodes.Status200OK;
    }

    private static void WriteAll(ByteBuffer answer, TopicName topic, IReadOnlyList<StagedEvents.Place> places)
    {
        answer.Append("{\"results\":["u8);
        for (var i = 0; i < places.Count; i++)
        {
            if (i > 0)
            {
                answer.Append((byte)',');
            }

            var place = places[i];
            if (place.Batch is null)
            {
                WriteFault(answer, place.Fault!);
                continue;
            }

            ref readonly var result = ref place.Batch.Results[place.Index];
            if (result.Outcome is Outcome.Done or Outcome.Repeated)
            {
                WriteStored(answer, place, result);
            }
            else
            {
                WriteFault(answer, Fault(topic, place, result).Message);
            }
        }

        answer.Append("]}"u8);
    }

    private static HttpFaultException Fault(TopicName topic, StagedEvents.Place place, in CommandResult result) =>
        HttpFaultException.Of(result, $"pub {topic} {Echo.Text(place.Batch!.BytesOf(place.Batch.Commands[place.Index].Id).Trim((byte)'"'))}", topic);

    private static void WriteStored(ByteBuffer answer, StagedEvents.Place place, in CommandResult result)
    {
        answer.Append("{\"seq\":"u8);
        answer.Append(result.Sequence);
        answer.Append(",\"id\":"u8);
        answer.Append(place.Batch!.BytesOf(place.Batch.Commands[place.Index].Id));
        if (result.Outcome == Outcome.Repeated)
        {
            answer.Append(",\"repeated\":true"u8);
        }

        answer.Append((byte)'}');
    }

    private static void WriteFault(ByteBuffer answer, string fault)
    {
        answer.Append("{\"error\":\""u8);
        answer.Append(Encoding.UTF8.GetBytes(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(fault)));
        answer.Append("\"}"u8);
    }

    /// <summary>A form of another site can send neither type without asking first, which is not granted.</summary>
    private static bool IsLines(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Value?.ToLowerInvariant() is { } media
            ? media switch
            {
                _ when type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) => throw Unsupported(HttpErrors.Charset),
                "application/json" => false,
                "application/x-ndjson" or "application/jsonl" => true,
                _ => throw Unsupported(HttpErrors.ContentType),
            }
            : throw Unsupported(HttpErrors.ContentType);

    private static HttpFaultException Unsupported(string why) => new(StatusCodes.Status415UnsupportedMediaType, why);

    private static string? Producer(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(ProducerHeader, out var values))
        {
            return null;
        }

        if (values.Count > 1)
        {
            throw HttpFaultException.Bad($"{ProducerHeader} is given more than once");
        }

        var name = values.ToString();
        return OptionReader.IsName(name) ? name : throw HttpFaultException.Bad($"{ProducerHeader} must be {OptionReader.NameRule}");
    }
}
