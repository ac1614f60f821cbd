using System.Globalization;

namespace Rookery.Wire;

/// <summary>
/// Times of RFC 3339, all of them: the framework's own parser takes neither more than seven digits of a second, nor a leap
/// second, nor an offset beyond 14 hours.
/// </summary>
internal static class Rfc3339
{
    private const int DateAndTime = 19;
    private const int Offset = 6;

    /// <summary>Reads a time. Letters may be small, and a space may stand for the T; a leap second is the first of the next minute.</summary>
    public static DateTimeOffset? Parse(string text)
    {
        if (text.Length <= DateAndTime || text[10] is not ('T' or 't' or ' ')
            || !DateTime.TryParseExact(
                $"{text.AsSpan(0, 10)}T{text.AsSpan(11, 6)}00", "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var minute)
            || !TryDigits(text.AsSpan(17, 2), 60, out var second))
        {
            return null;
        }

        var rest = text.AsSpan(DateAndTime);
        var ticks = (minute.Ticks / TimeSpan.TicksPerSecond + second) * TimeSpan.TicksPerSecond;
        if (rest[0] == '.')
        {
            var digits = rest[1..].IndexOfAnyExceptInRange('0', '9');
            if (digits <= 0)
            {
                return null;
            }

            ticks += long.Parse($"{rest.Slice(1, digits)}0000000".AsSpan(0, 7), NumberStyles.None, CultureInfo.InvariantCulture);
            rest = rest[(1 + digits)..];
        }

        if (OffsetOf(rest) is not { } offset)
        {
            return null;
        }

        ticks -= offset.Ticks;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
    }

    private static TimeSpan? OffsetOf(ReadOnlySpan<char> text)
    {
        if (text is "Z" or "z")
        {
            return TimeSpan.Zero;
        }

        if (text.Length != Offset || text[0] is not ('+' or '-') || text[3] != ':'
            || !TryDigits(text.Slice(1, 2), 23, out var hours) || !TryDigits(text.Slice(4, 2), 59, out var minutes))
        {
            return null;
        }

        var offset = new TimeSpan(hours, minutes, 0);
        return text[0] == '-' ? -offset : offset;
    }

    private static bool TryDigits(ReadOnlySpan<char> text, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
}
