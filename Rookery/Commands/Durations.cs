using System.Globalization;

namespace Rookery.Command;

/// <summary>Durations as people write them: a number and its unit.</summary>
internal static class Durations
{
    /// <summary>Longer is no duration that a flag means; it is also the most that timers take.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    private static readonly (string Unit, double Milliseconds)[] Units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    /// <exception cref="FormatException">The text is no duration; the message says what is.</exception>
    public static TimeSpan Parse(string text, TimeSpan? longest = null)
    {
        var most = longest ?? Longest;
        foreach (var (unit, milliseconds) in Units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number * milliseconds <= most.TotalMilliseconds)
            {
                return TimeSpan.FromMilliseconds(number * milliseconds);
            }
        }

        return text == "0" ? TimeSpan.Zero : throw new FormatException($"a number with its unit, such as 50ms, 2s, 5m or 1h, at most {Text(most)}");
    }

    /// <summary>In the largest unit that leaves a whole number: <c>90s</c>, <c>2m</c>, <c>0</c>. A whole number of days stays in days.</summary>
    public static string Text(TimeSpan duration)
    {
        var (unit, milliseconds) = Units.LastOrDefault(u => duration.TotalMilliseconds % u.Milliseconds == 0, Units[0]);
        return duration == TimeSpan.Zero ? "0" : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds / milliseconds}{unit}");
    }

    /// <summary>For eyes, in whole units, the largest one that is there: <c>3m</c>, <c>2d</c>.</summary>
    public static string Rounded(TimeSpan duration)
    {
        var (unit, milliseconds) = Units[1..].LastOrDefault(u => duration.TotalMilliseconds >= u.Milliseconds, Units[0]);
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(duration.TotalMilliseconds / milliseconds)}{unit}");
    }
}

/// <summary>A duration that shows itself as it is written.</summary>
internal readonly record struct Duration(TimeSpan Value)
{
    public static implicit operator TimeSpan(Duration duration) => duration.Value;

    public override string ToString() => Durations.Text(Value);
}
