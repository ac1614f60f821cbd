using System.Globalization;
using Rookery.Local.Tests;

namespace Rookery.Fuzz.Tests;

/// <summary>
/// What may happen to the files of a journal, as a script that can be kept: a line for each deed, its file by place in the
/// order of names. <c>flip 1 40 3</c>: bit 3 of the byte at 40. <c>fill 1 40 9 255</c>: 9 bytes. <c>noise 1 40 9 7</c>: 9 bytes
/// of seed 7. <c>cut 1 40</c>: ends there. <c>grow 1 40 0</c>: 40 bytes more. <c>copy 1 40 9 80</c>: 9 bytes to 80.
/// <c>drop 1 40 9</c>, <c>double 1 40 9</c>: the rest moves. <c>remove 1</c>. <c>add x.segment 9</c>.
/// </summary>
internal static class Damage
{
    /// <summary>Whether nothing moves: then every frame that was not hit is there.</summary>
    public static bool LeavesTheRest(string script) =>
        !script.Contains("drop", StringComparison.Ordinal) && !script.Contains("double", StringComparison.Ordinal) && !script.Contains("copy", StringComparison.Ordinal);

    /// <summary>Makes one up.</summary>
    /// <param name="random">By chance.</param>
    /// <param name="disk">For the sizes of its files.</param>
    public static string Invent(Random random, FaultyFiles disk)
    {
        var names = disk.List().Order(StringComparer.Ordinal).ToList();
        var lines = new List<string>();
        for (var deeds = random.Next(1, 5); deeds > 0; deeds--)
        {
            var file = random.Next(names.Count);
            var size = Math.Max(1, disk[names[file]].Length);
            // Mostly where something stands: behind it are reserved zeros.
            var at = random.Next(random.Next(3) == 0 ? size : Math.Min(size, 6_000));
            var length = random.Next(1, random.Next(4) == 0 ? 3_000 : 40);
            lines.Add(random.Next(24) switch
            {
                < 7 => $"flip {file} {at} {random.Next(8)}",
                < 12 => $"noise {file} {at} {length} {random.Next(1000)}",
                < 16 => $"fill {file} {at} {length} {(random.Next(2) == 0 ? 0 : 255)}",
                16 => $"cut {file} {at}",
                17 => $"grow {file} {length} {random.Next(2)}",
                18 => $"copy {file} {at} {length} {random.Next(Math.Min(size, 6_000))}",
                19 or 20 => $"drop {file} {at} {length}",
                21 => $"double {file} {at} {length}",
                22 => $"remove {file}",
                _ => $"add {random.Next(30):D10}.segment{(random.Next(2) == 0 ? "" : "~")} {random.Next(100)}",
            });
        }

        return string.Join('\n', lines);
    }

    /// <summary>Does it.</summary>
    public static void Do(string script, FaultyFiles disk)
    {
        var names = disk.List().Order(StringComparer.Ordinal).ToList();
        foreach (var line in script.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var words = line.Split(' ');
            if (words[0] == "add")
            {
                if (!names.Contains(words[1]))
                {
                    disk[words[1]] = new byte[int.Parse(words[2], CultureInfo.InvariantCulture)];
                }

                continue;
            }

            var numbers = words.Skip(1).Select(w => int.Parse(w, CultureInfo.InvariantCulture)).ToArray();
            var name = names[numbers[0] % names.Count];
            if (!disk.List().Contains(name))
            {
                continue;
            }

            if (words[0] == "remove")
            {
                disk.Remove(name);
                continue;
            }

            disk[name] = Do(words[0], disk[name], numbers.AsSpan(1));
        }
    }

    private static byte[] Do(string deed, byte[] bytes, ReadOnlySpan<int> numbers)
    {
        var at = Math.Min(numbers[0], bytes.Length);
        var length = numbers.Length > 1 ? Math.Min(numbers[1], bytes.Length - at) : 0;
        switch (deed)
        {
            case "flip":
                if (at < bytes.Length)
                {
                    bytes[at] ^= (byte)(1 << numbers[1]);
                }

                return bytes;
            case "fill":
                bytes.AsSpan(at, length).Fill((byte)numbers[2]);
                return bytes;
            case "noise":
                new Random(numbers[2]).NextBytes(bytes.AsSpan(at, length));
                return bytes;
            case "cut":
                return bytes[..at];
            case "grow":
                var more = new byte[numbers[0]];
                more.AsSpan().Fill((byte)numbers[1]);
                return [.. bytes, .. more];
            case "copy":
                var to = Math.Min(numbers[2], bytes.Length);
                bytes.AsSpan(at, Math.Min(length, bytes.Length - to)).ToArray().CopyTo(bytes, to);
                return bytes;
            case "drop":
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case "double":
                return [.. bytes[..(at + length)], .. bytes[at..]];
            default:
                throw new FormatException($"no such deed: {deed}");
        }
    }
}
