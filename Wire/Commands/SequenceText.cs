using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>Reads <c>#5</c>, and lists like <c>#5,#7-9</c>.</summary>
internal static class SequenceText
{
    public static bool TryRead(ReadOnlySpan<byte> text, out long sequence)
    {
        sequence = 0;
        return text is [(byte)'#', _, ..] && TryNumber(text[1..], out sequence);
    }

    /// <summary>Adds the ranges of a list; false where any of it is not one.</summary>
    public static bool TryReadRanges(ReadOnlySpan<byte> text, List<SequenceRange> ranges)
    {
        while (true)
        {
            var comma = text.IndexOf((byte)',');
            if (!TryRange(comma < 0 ? text : text[..comma], out var range))
            {
                return false;
            }

            ranges.Add(range);
            if (comma < 0)
            {
                return true;
            }

            text = text[(comma + 1)..];
        }
    }

    private static bool TryRange(ReadOnlySpan<byte> text, out SequenceRange range)
    {
        var dash = text.IndexOf((byte)'-');
        if (dash < 0)
        {
            var single = TryRead(text, out var sequence);
            range = new SequenceRange(sequence, sequence);
            return single;
        }

        long last = 0;
        var good = TryRead(text[..dash], out var first) & TryNumber(text[(dash + 1)..], out last) && last >= first;
        range = new SequenceRange(first, last);
        return good;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out long value)
    {
        value = 0;
        return digits.Length > 0 && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && JsonText.TryInteger(digits, out value) && value >= 1;
    }
}
