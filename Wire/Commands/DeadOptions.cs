namespace Rookery.Wire;

/// <summary>Which dead letters a command means: the options of <c>dead</c>, <c>replay</c> and <c>discard</c>.</summary>
/// <param name="Key">Key of somebody's subscription; null for the client's own.</param>
/// <param name="Sequence">Number of one; 0 for all.</param>
/// <param name="Limit">Most that are listed; 0 for all.</param>
internal readonly record struct DeadOptions(string? Key, long Sequence, int Limit)
{
    /// <summary>Longest key of a subscription: two names and what joins them.</summary>
    private const int LongestKey = 512;

    /// <summary>What is needed: the right to administer, for what is somebody's.</summary>
    public Rights Needed => Key is null ? Rights.Subscribe : Rights.Administer;

    /// <param name="json">The options.</param>
    /// <param name="lists">Whether they are of <c>dead</c>.</param>
    /// <param name="options">What they say.</param>
    /// <returns>Null, or what is not as it has to be and what is allowed.</returns>
    public static string? TryRead(ReadOnlySpan<byte> json, bool lists, out DeadOptions options)
    {
        try
        {
            options = Read(json, lists);
            return null;
        }
        catch (FormatException fault)
        {
            options = default;
            return fault.Message;
        }
    }

    private static DeadOptions Read(ReadOnlySpan<byte> json, bool lists)
    {
        var (key, sequence, limit) = ((string?)null, 0L, 0);
        var fields = new OptionReader(json);
        while (fields.Next(out var name))
        {
            switch (name)
            {
                case "key":
                    key = fields.Text();
                    if (key is { Length: 0 or > LongestKey })
                    {
                        throw fields.Wrong("that of a subscription, as stats shows it");
                    }

                    break;
                case "seq" when !lists:
                    sequence = fields.TryNumber(out var number) && number >= 1 ? number : throw fields.Wrong($"a number from 1 to {long.MaxValue}");
                    break;
                case "limit" when lists:
                    limit = fields.Integer(1, int.MaxValue) ?? 0;
                    break;
                default:
                    // Without it all would be meant, and what was meant to discard a few must not discard all.
                    throw OptionReader.Unknown(name, lists ? "key and limit" : "key and seq");
            }
        }

        return new DeadOptions(key, sequence, limit);
    }
}
