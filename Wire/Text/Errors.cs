using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace Rookery.Wire;

/// <summary>
/// Every error line there is, in one place: <c>docs/PROTOCOL.md</c> lists them all, and a test compares. What stands in
/// angle brackets is filled in, in order.
/// </summary>
internal static class Errors
{
    public const string UnknownCommand = "error: unknown command: <parts>";
    public const string NotSubscribed = "error: not a topic <topic> subscriber";
    public const string NoSuchSubscription = "error: no subscription <key> of topic <topic>";
    public const string NoSuchEvent = "no_event_error: <id>";

    public const string LineTooLong = "error: line too long: at most <bytes> bytes are allowed; closing";
    public const string NotUtf8 = "error: line is not valid UTF-8";
    public const string BadTopic = "error: bad topic \"<topic>\": a topic is <rule>";
    public const string NoSuchTopic = "error: no topic <topic>";

    public const string TokenMissing = "error: a token is missing: hello {\"token\":\"...\"} comes first";
    public const string TokenUnknown = "error: the token is not known; closing";
    public const string TooManyAttempts = "error: too many failed attempts from your address: wait <seconds> s; closing";
    public const string TokenLate = "error: no hello with a token within <seconds> s; closing";
    public const string NotAllowed = "error: not allowed to <publish to, subscribe to, administer> topic <topic>";
    public const string NotAllowedFigures = "error: not allowed: <command> needs the right to administer <topics>";

    public const string HelloNotFirst = "error: hello comes once, as the first command";
    public const string BadHello = "error: bad hello: <what>";
    public const string BadOptions = "error: bad options: <what>";
    public const string BadSequence = "error: bad number \"<text>\": #<seq> is # and a number from 1 to 9223372036854775807";
    public const string BadRanges = "error: bad list \"<text>\": allowed are #<seq> and #<a>-<b> with 1 <= a <= b, joined by commas";
    public const string BadDelay = "error: bad delay \"<text>\": delay_ms is a number from 0 to 2147483647";
    public const string TooManySubscriptions = "error: too many subscriptions: a connection has at most <count>";

    public const string EventNotJson = "error: bad event: not a JSON object: <what> at byte <offset>";
    public const string EventTooDeep = "error: bad event: JSON deeper than <levels> levels";
    public const string EventWithoutId = "error: bad event: id is missing; it is a string or a number";
    public const string EventWithoutMessage = "error: bad event: msg is missing; it is any JSON value";
    public const string EventIdType = "error: bad event: id is neither a string nor a number";
    public const string EventIdLength = "error: bad event: id has <count> bytes; allowed are 1 to <most>";
    public const string EventIdText = "error: bad event: id has <what>; not allowed are control characters, lone surrogates, a space at either end, a leading #";
    public const string EventMessageLength = "error: bad event: msg has <count> bytes; allowed are at most <most>";
    public const string EventPriority = "error: bad event: priority is <value>; it is an integer from -128 to 127";
    public const string EventTimeToLive = "error: bad event: ttl_ms is <value>; it is an integer from 0 to 9007199254740991, 0 for ever";
    public const string EventNumber = "error: bad event: n is <value>; it is an integer from 1 to 9223372036854775807";

    public const string Detail = "error: <detail>";
    public const string Unavailable = "error: unavailable: <command> was not executed: <detail>";
    public const string UnknownOutcome = "error: unknown outcome: <command> may or may not have been executed: <detail>";

    public const string TakenOver = "error: taken over by another connection";
    public const string ShuttingDown = "error: shutting down";
    public const string Lost = "error: connection to the broker lost";
    public const string Dropped = "notice: topic <topic> was dropped, and the subscription to it ended";
    public const string Idle = "error: idle for <seconds> s; closing";
    public const string TooManyConnections = "error: too many connections: at most <count> are allowed";

    /// <summary>That a right to a topic is missing.</summary>
    public static string Lacks(Rights needed, string topic) =>
        Fill(NotAllowed, needed switch { Rights.Publish => "publish to", Rights.Subscribe => "subscribe to", _ => "administer" }, topic);

    /// <summary>Says that there are as many connections as may be.</summary>
    public static async Task RefuseAsync(PipeWriter output, int most) =>
        await output.WriteAsync(Encoding.ASCII.GetBytes(Fill(TooManyConnections, most.ToString(CultureInfo.InvariantCulture)) + "\r\n")).ConfigureAwait(false);

    /// <summary>The line a template becomes: its pieces in angle brackets replaced, in order.</summary>
    public static string Fill(string template, params ReadOnlySpan<string> values)
    {
        var text = new StringBuilder(template.Length + 64);
        var at = 0;
        foreach (var value in values)
        {
            var open = template.IndexOf('<', at);
            var close = template.IndexOf('>', open);
            text.Append(template, at, open - at).Append(value);
            at = close + 1;
        }

        return text.Append(template, at, template.Length - at).ToString();
    }
}
