namespace Rookery.Feed;

/// <summary>Dates as Twitter's API writes them: <c>Mon Apr 18 19:30:47 +0000 2016</c>, always UTC and 30 bytes.</summary>
internal static class TwitterDate
{
    public const int Length = 30;

    private static ReadOnlySpan<byte> Days => "SunMonTueWedThuFriSat"u8;

    private static ReadOnlySpan<byte> Months => "JanFebMarAprMayJunJulAugSepOctNovDec"u8;

    public static void Write(long unixMilliseconds, Span<byte> target)
    {
        var date = DateTime.UnixEpoch.AddMilliseconds(unixMilliseconds);
        var (year, month, day) = date;
        "ddd MMM 00 00:00:00 +0000 0000"u8.CopyTo(target);
        Days.Slice((int)date.DayOfWeek * 3, 3).CopyTo(target);
        Months.Slice((month - 1) * 3, 3).CopyTo(target[4..]);
        TwoDigits(day, target[8..]);
        TwoDigits(date.Hour, target[11..]);
        TwoDigits(date.Minute, target[14..]);
        TwoDigits(date.Second, target[17..]);
        TwoDigits(year / 100, target[26..]);
        TwoDigits(year % 100, target[28..]);
    }

    public static string Format(long unixMilliseconds)
    {
        return string.Create(Length, unixMilliseconds, static (chars, ms) =>
        {
            Span<byte> bytes = stackalloc byte[Length];
            Write(ms, bytes);
            System.Text.Encoding.ASCII.GetChars(bytes, chars);
        });
    }

    private static void TwoDigits(int value, Span<byte> target)
    {
        target[0] = (byte)('0' + (value / 10));
        target[1] = (byte)('0' + (value % 10));
    }
}
