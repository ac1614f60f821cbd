using System.Globalization;
using Microsoft.AspNetCore.Http;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>What the query of a subscription asks for, in the words and bounds of <c>sub</c>.</summary>
internal sealed record SubscribeQuery
{
    // Events that are settled as they are sent need not wait for a round trip each.
    private const int AutomaticWindow = 256;

    /// <summary>Names of all that it may ask for.</summary>
    public static string[] Parameters => ["as", "group", "window", "from", "lease_ms", "max_tries", "ack"];

    /// <summary>Durable name of the client; null: none.</summary>
    public string? As { get; private init; }

    /// <summary>Events are settled as they are sent; otherwise the client acknowledges.</summary>
    public bool Automatic { get; private init; }

    public required SubscribeOptions Options { get; init; }

    /// <exception cref="HttpFaultException">Something is out of its bounds.</exception>
    public static SubscribeQuery Read(HttpRequest request, int maxWindow, int credit)
    {
        var name = Name(request, "as");
        var group = Name(request, "group");
        var isNamed = name is not null || group is not null;
        var automatic = HttpQuery.Text(request, "ack") switch
        {
            null => !isNamed,
            "auto" => true,
            "manual" => false,
            _ => throw Wrong("ack", "auto or manual"),
        };
        return new SubscribeQuery
        {
            As = name,
            Automatic = automatic,
            Options = new SubscribeOptions
            {
                Group = group,
                Window = Integer(request, "window", 1, maxWindow) ?? (automatic ? Math.Min(AutomaticWindow, maxWindow) : null),
                LeaseMs = Integer(request, "lease_ms", 0, int.MaxValue),
                MaxTries = Integer(request, "max_tries", 0, int.MaxValue),
                From = isNamed ? From(request) : Resumed(request) ?? From(request),
                Credit = credit,
            },
        };
    }

    /// <summary>Behind the event that an unnamed reader has seen last: browsers say it when they come back.</summary>
    private static StartPosition? Resumed(HttpRequest request)
    {
        var text = request.Headers["Last-Event-ID"].ToString();
        return text.Length == 0 ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seen) && seen < long.MaxValue ? StartPosition.At(seen + 1)
            : throw HttpFaultException.Bad("Last-Event-ID must be the id of an event of this stream");
    }

    private static StartPosition? From(HttpRequest request)
    {
        var text = HttpQuery.Text(request, "from");
        return text is null ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                ? sequence >= 1 ? StartPosition.At(sequence) : throw Wrong("from", SubscribeJson.FromRule)
            : SubscribeJson.From(text) ?? throw Wrong("from", SubscribeJson.FromRule);
    }

    private static int? Integer(HttpRequest request, string field, int least, int most) =>
        HttpQuery.Text(request, field) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : throw Wrong(field, string.Create(CultureInfo.InvariantCulture, $"an integer from {least} to {most}"));

    private static string? Name(HttpRequest request, string field) =>
        HttpQuery.Text(request, field) is not { } name ? null
        : OptionReader.IsName(name) ? name
        : throw Wrong(field, OptionReader.NameRule);

    private static HttpFaultException Wrong(string field, string allowed) =>
        HttpFaultException.Bad(Errors.Fill(Errors.BadOptions, $"{field} must be {allowed}"));
}
