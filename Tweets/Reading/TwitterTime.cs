using System.Buffers.Text;

namespace Rookery.Tweets;

/// <summary>Reads times as the API writes them: <c>Mon Apr 18 19:30:47 +0000 2016</c>.</summary>
internal static class TwitterTime
{
    private const string Months = "JanFebMarAprMayJunJulAugSepOctNovDec";

    /// <summary>Milliseconds since 1970 (UTC); 0 where it is no such time.</summary>
    public static long Read(ReadOnlySpan<byte> text)
    {
        if (text.Length != 30
            || !TryNumber(text.Slice(8, 2), out var day)
            || !TryNumber(text.Slice(11, 2), out var hour)
            || !TryNumber(text.Slice(14, 2), out var minute)
            || !TryNumber(text.Slice(17, 2), out var second)
            || !TryNumber(text.Slice(21, 2), out var zoneHours)
            || !TryNumber(text.Slice(23, 2), out var zoneMinutes)
            || !TryNumber(text.Slice(26, 4), out var year))
        {
            return 0;
        }

        var month = MonthOf(text.Slice(4, 3));
        if (month == 0 || year < 1970 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60)
        {
            return 0;
        }

        var time = new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc).AddSeconds(second);
        var zone = ((zoneHours * 60) + zoneMinutes) * (text[20] == '-' ? -60_000L : 60_000L);
        return Math.Max(0, (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond - zone);
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int value) =>
        Utf8Parser.TryParse(digits, out value, out var used) && used == digits.Length && value >= 0;

    private static int MonthOf(ReadOnlySpan<byte> name)
    {
        for (var month = 0; month < 12; month++)
        {
            if (name[0] == Months[3 * month] && name[1] == Months[(3 * month) + 1] && name[2] == Months[(3 * month) + 2])
            {
                return month + 1;
            }
        }

        return 0;
    }
}
