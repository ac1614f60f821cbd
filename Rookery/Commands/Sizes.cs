using System.Globalization;

namespace Rookery.Command;

/// <summary>Sizes as people write them: bytes, or a number and its unit.</summary>
internal static class Sizes
{
    private static readonly (string Unit, long Bytes)[] Units = [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("B", 1), ("", 1)];

    /// <exception cref="FormatException">The text is no size; the message says what is.</exception>
    public static long Parse(string text)
    {
        foreach (var (unit, bytes) in Units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && long.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number <= long.MaxValue / bytes)
            {
                return number * bytes;
            }
        }

        throw new FormatException("a number of bytes, or one with its unit, such as 512KiB, 64MiB or 16GiB");
    }
}
