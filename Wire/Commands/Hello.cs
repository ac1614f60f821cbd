namespace Rookery.Wire;

/// <summary>What a client said of itself.</summary>
internal sealed record Hello
{
    public string? As { get; init; }

    public string? Producer { get; init; }

    public string? Token { get; init; }

    public bool Confirm { get; init; }

    public bool Quiet { get; init; }

    public bool Meta { get; init; }

    /// <summary>Reads the argument of <c>hello</c>.</summary>
    /// <exception cref="FormatException">It is not as it has to be; the message says what and what is allowed.</exception>
    public static Hello Read(ReadOnlySpan<byte> json)
    {
        var hello = new Hello();
        var fields = new OptionReader(json);
        while (fields.Next(out var name))
        {
            switch (name)
            {
                case "as":
                    hello = hello with { As = fields.Name() };
                    break;
                case "producer":
                    hello = hello with { Producer = fields.Name() };
                    break;
                case "confirm":
                    hello = hello with { Confirm = fields.Flag() };
                    break;
                case "quiet":
                    hello = hello with { Quiet = fields.Flag() };
                    break;
                case "meta":
                    hello = hello with { Meta = fields.Flag() };
                    break;
                case "token":
                    // A server without tokens ignores it, but a wrong type is a mistake anywhere.
                    hello = hello with { Token = fields.Text() };
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return hello;
    }
}
