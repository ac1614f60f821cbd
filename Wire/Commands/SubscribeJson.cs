using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>Reads the options of <c>sub</c>.</summary>
internal static class SubscribeJson
{
    public const string FromRule = "\"new\", \"start\", a number from 1 or a time like \"2026-01-31T12:00:00Z\"";

    /// <exception cref="FormatException">It is not as it has to be; the message says what and what is allowed.</exception>
    public static SubscribeOptions Read(ReadOnlySpan<byte> json, int maxWindow)
    {
        var options = new SubscribeOptions();
        var fields = new OptionReader(json);
        while (fields.Next(out var name))
        {
            switch (name)
            {
                case "window":
                    options = options with { Window = fields.Integer(1, maxWindow) };
                    break;
                case "lease_ms":
                    options = options with { LeaseMs = fields.Integer(0, int.MaxValue) };
                    break;
                case "max_tries":
                    options = options with { MaxTries = fields.Integer(0, int.MaxValue) };
                    break;
                case "group":
                    options = options with { Group = fields.Name() };
                    break;
                case "from":
                    options = options with { From = From(ref fields) };
                    break;
                default:
                    throw OptionReader.Unknown(name, "window, from, lease_ms, max_tries and group");
            }
        }

        return options;
    }

    private static StartPosition? From(ref OptionReader fields)
    {
        if (fields.TryNumber(out var sequence))
        {
            return sequence >= 1 ? StartPosition.At(sequence) : throw fields.Wrong(FromRule);
        }

        string? text;
        try
        {
            text = fields.Text();
        }
        catch (FormatException)
        {
            throw fields.Wrong(FromRule);
        }

        return text is null ? null : From(text) ?? throw fields.Wrong(FromRule);
    }

    /// <summary>Where a text says to begin; null where it says nothing of the kind.</summary>
    public static StartPosition? From(string text) => text switch
    {
        "new" => StartPosition.New,
        "start" => StartPosition.Start,
        _ => Rfc3339.Parse(text) is { } time ? StartPosition.Since(time) : null,
    };
}
