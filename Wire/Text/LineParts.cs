namespace Rookery.Wire;

/// <summary>
/// A trimmed line split on single spaces into at most three parts. A doubled space is significant: it makes an empty part,
/// or, before the third, a rest that begins with a space.
/// </summary>
internal readonly ref struct LineParts
{
    private LineParts(ReadOnlySpan<byte> line)
    {
        Line = line;
        var space = line.IndexOf((byte)' ');
        if (space < 0)
        {
            First = line;
            Count = 1;
            return;
        }

        First = line[..space];
        var behind = line[(space + 1)..];
        space = behind.IndexOf((byte)' ');
        if (space < 0)
        {
            Second = behind;
            Count = 2;
            return;
        }

        Second = behind[..space];
        Rest = behind[(space + 1)..];
        Count = 3;
    }

    /// <summary>The line, trimmed.</summary>
    public ReadOnlySpan<byte> Line { get; }

    public ReadOnlySpan<byte> First { get; }

    public ReadOnlySpan<byte> Second { get; }

    public ReadOnlySpan<byte> Rest { get; }

    /// <summary>How many parts there are, 1 to 3.</summary>
    public int Count { get; }

    /// <summary>What follows the first part: the argument of <c>hello</c>.</summary>
    public ReadOnlySpan<byte> Behind => Count == 1 ? default : Line[(First.Length + 1)..];

    public ReadOnlySpan<byte> this[int index] => index switch { 0 => First, 1 => Second, _ => Rest };

    /// <summary>Trims a line of ASCII white space (so of its <c>\r</c>) and splits it.</summary>
    public static LineParts Of(ReadOnlySpan<byte> line) => new(line.Trim(" \t\r\n\v\f"u8));
}
