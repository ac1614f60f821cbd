using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rookery.Fuzz.Tests;

/// <summary>What the contract allows as the answer to a line, on one connection. It reads lines anew, not with the server's code.</summary>
internal sealed partial class ReplyOracle
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private bool _confirm;
    private bool _quiet;
    private bool _numbered;

    /// <summary>Judges what came between a line and the next, pushed events included.</summary>
    /// <returns>Null where it is right; else what is wrong.</returns>
    public string? Judge(byte[] line, IReadOnlyList<string> said)
    {
        var answer = said.Where(s => !s.StartsWith("notice: topic ", StringComparison.Ordinal)).Where(s => !s.StartsWith("{\"topic\":", StringComparison.Ordinal) || DeadLetter.IsMatch(s)).ToList();
        if (answer.Exists(a => a.StartsWith("error: unknown outcome", StringComparison.Ordinal) || a.StartsWith("error: unavailable", StringComparison.Ordinal)))
        {
            return "the broker failed";
        }

        string text;
        try
        {
            text = Strict.GetString(line);
        }
        catch (ArgumentException)
        {
            return Is(answer, "error: line is not valid UTF-8");
        }

        var words = text.Trim(' ', '\t', '\r', '\n', '\v', '\f').Split(' ', 3);
        return words[0] switch
        {
            "ping" when words.Length == 1 => Is(answer, "pong"),
            "quit" when words.Length == 1 => Is(answer, "bye"),
            "help" when words.Length == 1 => answer.Count > 10 && answer[^1] == "ok help" ? null : "not the help",
            "topics" when words.Length == 1 => Begins(answer, "ok topics ["),
            "stats" when words.Length == 1 => Begins(answer, "ok stats {"),
            "hello" when words.Length > 1 => Hello(text, answer),
            _ => Topical(words, answer),
        };
    }

    [GeneratedRegex(""","tries":[0-9]+,"died":[0-9]+}$""")]
    private static partial Regex DeadLetter { get; }

    [GeneratedRegex("^[A-Za-z0-9._:-]{1,200}$")]
    private static partial Regex TopicName { get; }

    private static string? Is(List<string> answer, string wanted) => answer is [var one] && one == wanted ? null : $"not {wanted}";

    private static string? Begins(List<string> answer, params string[] wanted) =>
        answer is [var one] && wanted.Any(w => one.StartsWith(w, StringComparison.Ordinal)) ? null : $"not {string.Join(" or ", wanted)}";

    private string? Hello(string text, List<string> answer)
    {
        if (answer is not [var one] || !one.StartsWith("ok hello {", StringComparison.Ordinal))
        {
            return Begins(answer, "error: bad hello: ", "error: hello comes once, as the first command");
        }

        using var said = JsonDocument.Parse(text.Trim(' ', '\t', '\r', '\n', '\v', '\f')["hello ".Length..]);
        bool Has(string name) => said.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
        (_confirm, _quiet) = (Has("confirm"), Has("quiet"));
        _numbered = said.RootElement.TryGetProperty("producer", out var producer) && producer.ValueKind == JsonValueKind.String;
        return null;
    }

    private string? Topical(string[] words, List<string> answer)
    {
        var isCommand = words[0] switch
        {
            "pub" or "ack" or "nack" => words.Length == 3,
            "sub" => words.Length == 2 || (words.Length == 3 && words[2].StartsWith('{')),
            "dead" => words.Length == 2 || (words.Length == 3 && words[2].StartsWith('{')),
            "unsub" or "drop" or "stats" => words.Length == 2,
            "replay" or "discard" => words.Length >= 2,
            _ => false,
        };
        if (!isCommand || words[1].Length == 0)
        {
            return Begins(answer, "error: unknown command: [\"");
        }

        var topic = words[1];
        if (!TopicName.IsMatch(topic) || topic is "." or "..")
        {
            return Begins(answer, "error: bad topic \"");
        }

        var notTheirs = $"error: not a topic {topic} subscriber";
        return words[0] switch
        {
            "pub" => Publish(topic, words[2], answer),
            "sub" => Begins(answer, $"successfully subscribed to topic {topic}", "error: "),
            "unsub" => Begins(answer, $"successfully unsubscribe from topic {topic}", notTheirs),
            "drop" => Begins(answer, "ok drop ", $"error: no topic {topic}"),
            "stats" => Begins(answer, "ok stats {", $"error: no topic {topic}"),
            "ack" => Acknowledge(words[2], answer, notTheirs),
            "nack" => _quiet && answer.Count == 0 ? null : Begins(answer, "returned ev_id=", "no_event_error: ", "error: bad ", notTheirs),
            "replay" => Begins(answer, "ok replay ", "no_event_error: ", "error: bad ", "error: no subscription ", notTheirs),
            "discard" => Begins(answer, "ok discard ", "no_event_error: ", "error: bad ", "error: no subscription ", notTheirs),
            _ => answer.Count > 0 && answer[^1] == $"ok dead {answer.Count - 1}" ? null : Begins(answer, "error: bad options: ", "error: no subscription ", notTheirs),
        };
    }

    private string? Publish(string topic, string json, List<string> answer)
    {
        if (EventOracle.IsEvent(Encoding.UTF8.GetBytes(json), _numbered) is not { } isEvent)
        {
            return answer.Count == 0 && !_confirm ? null : Begins(answer, $"ok pub {topic} ", "error: ");
        }

        return !isEvent ? Begins(answer, "error: bad event: ")
            : _confirm ? Begins(answer, $"ok pub {topic} ", "error: the ")
            : answer.Count == 0 ? null : Begins(answer, "error: the ");
    }

    private string? Acknowledge(string what, List<string> answer, string notTheirs)
    {
        if (_quiet && answer.Count == 0)
        {
            return null;
        }

        if (what.StartsWith('#'))
        {
            return Begins(answer, "acknowledged ", "error: bad list ", notTheirs);
        }

        return answer is [var done, "no available message"] && done == $"acknowledged ev_id={what}"
            ? null
            : Begins(answer, $"acknowledged ev_id={what}", "no_event_error: ", notTheirs);
    }
}
