using Microsoft.AspNetCore.Http;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>A request that is not done, and why: answered as <c>{"error":"..."}</c> in the words of the line protocol.</summary>
public sealed class HttpFaultException : Exception
{
    /// <summary>Creates it.</summary>
    /// <param name="status">The status of the answer.</param>
    /// <param name="message">What is wrong and what is allowed; an <c>error: </c> in front, as lines have it, is left out.</param>
    public HttpFaultException(int status, string message) : base(Plain(message)) => Status = status;

    /// <summary>The status of the answer.</summary>
    public int Status { get; }

    /// <summary>Seconds after which to try again; null: trying again does not help.</summary>
    public int? RetryAfter { get; init; }

    internal static HttpFaultException NotFound(string message) => new(StatusCodes.Status404NotFound, message);

    internal static HttpFaultException Bad(string message) => new(StatusCodes.Status400BadRequest, message);

    internal static HttpFaultException Unavailable(string message) => new(StatusCodes.Status503ServiceUnavailable, message) { RetryAfter = 1 };

    /// <summary>What a command came to, where it was not done.</summary>
    /// <param name="result">What came of it.</param>
    /// <param name="command">What it was, for the message.</param>
    /// <param name="topic">The topic it was about.</param>
    internal static HttpFaultException Of(in CommandResult result, string command, TopicName topic) => result.Outcome switch
    {
        Outcome.NotSubscribed => NotFound(Errors.Fill(Errors.NotSubscribed, topic.Value)),
        Outcome.NoSuchTopic => NotFound(Errors.Fill(Errors.NoSuchTopic, topic.Value)),
        Outcome.NoSuchEvent => NotFound($"no such event: {command}"),
        Outcome.Invalid => new(StatusCodes.Status409Conflict, result.Detail ?? $"{command} was refused"),
        Outcome.Refused => new(StatusCodes.Status429TooManyRequests, result.Detail ?? $"{command} was refused"),
        Outcome.Unavailable => Unavailable(Errors.Fill(Errors.Unavailable, command, result.Detail ?? "try again later")),
        _ => new(StatusCodes.Status504GatewayTimeout, Errors.Fill(Errors.UnknownOutcome, command, result.Detail ?? "no answer came")),
    };

    internal static string Plain(string line)
    {
        var text = line.StartsWith("error: ", StringComparison.Ordinal) ? line["error: ".Length..] : line;
        return text.EndsWith("; closing", StringComparison.Ordinal) ? text[..^"; closing".Length] : text;
    }

    internal Task AnswerAsync(HttpContext context)
    {
        if (RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        WireMetrics.HttpErrors.Add(1);
        return HttpAnswer.WriteAsync(context, Status, json =>
        {
            json.WriteStartObject();
            json.WriteString("error", Message);
            json.WriteEndObject();
        });
    }
}
