using System.Globalization;

namespace Rookery.Command;

/// <summary>Durations as people write them: a number and its unit.</summary>
internal static class Durations
{
    // Longer is no duration that a flag means; it is also the most that timers take.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

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

        return text == "0" ? TimeSpan.Zero : throw new FormatException(
            string.Create(CultureInfo.InvariantCulture, $"a number with its unit, such as 50ms, 2s, 5m or 1h, at most {most.TotalDays}d"));
    }
}
