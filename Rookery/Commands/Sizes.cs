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

    /// <summary>In the largest unit that leaves a whole number: <c>64MiB</c>, <c>1000B</c>, <c>0</c>.</summary>
    public static string Text(long size)
    {
        var (unit, bytes) = Units[..4].LastOrDefault(u => size % u.Bytes == 0, ("B", 1));
        return size == 0 ? "0" : string.Create(CultureInfo.InvariantCulture, $"{size / bytes}{unit}");
    }

    /// <summary>For eyes, with one digit after the point: <c>812 B</c>, <c>1.5 MiB</c>.</summary>
    public static string Rounded(long size)
    {
        var (unit, bytes) = Units[..4].LastOrDefault(u => size >= u.Bytes, ("B", 1));
        return bytes == 1 ? string.Create(CultureInfo.InvariantCulture, $"{size} B") : string.Create(CultureInfo.InvariantCulture, $"{(double)size / bytes:0.0} {unit}");
    }
}

/// <summary>A number of bytes that shows itself as it is written.</summary>
internal readonly record struct ByteSize(long Bytes)
{
    public static implicit operator long(ByteSize size) => size.Bytes;

    public override string ToString() => Sizes.Text(Bytes);
}
