using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Rookery.Command;

/// <summary>Options with bounds: a value outside of them names the option, the value and the bounds.</summary>
internal static class Settings
{
    public static Setting<int> Whole(string name, string help, int normal, int least, int most, string unit = "number") =>
        Make(name, help, normal, text => ReadWhole(text, least, most), unit, $"{least}..{most}");

    public static Setting<int?> OptionalWhole(string name, string help, int least, int most, string unit = "number") =>
        Make<int?>(name, help, null, text => ReadWhole(text, least, most), unit, $"{least}..{most}");

    public static Setting<long> Count(string name, string help, long normal, long least, string unit = "number") =>
        Make(name, help, normal, text => ReadCount(text, least), unit, $"from {least}");

    public static Setting<double> Fraction(string name, string help, double normal) =>
        Make(
            name,
            help,
            normal,
            text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1
                ? value
                : throw new FormatException("a number from 0 to 1"),
            "part",
            "0..1");

    public static Setting<string?> Text(string name, string help, string? normal = null, string unit = "text") =>
        Make(name, help, normal, text => text.Length > 0 ? text : throw new FormatException("not empty"), unit);

    /// <summary>A duration up to <paramref name="longest"/>, 24 days where that is not said; zero, which is for never, may lie below <paramref name="shortest"/>.</summary>
    public static Setting<Duration> Time(string name, string help, TimeSpan normal, TimeSpan? shortest = null, TimeSpan? longest = null, bool orZero = false) => Make(
        name,
        help,
        new Duration(normal),
        text => Durations.Parse(text, longest) is var value && (value >= (shortest ?? TimeSpan.Zero) || (orZero && value == TimeSpan.Zero))
            ? new Duration(value)
            : throw new FormatException($"{(orZero ? "0 or " : "")}at least {Durations.Text(shortest!.Value)}"),
        "time",
        $"{(orZero ? "0 or " : "")}{Durations.Text(shortest ?? TimeSpan.Zero)}..{Durations.Text(longest ?? Durations.Longest)}");

    /// <summary>A duration that has no value where nobody says one.</summary>
    public static Setting<Duration?> OptionalTime(string name, string help) =>
        Make<Duration?>(name, help, null, text => new Duration(Durations.Parse(text)), "time", $"0..{Durations.Text(Durations.Longest)}");

    public static Setting<ByteSize> Size(string name, string help, long normal, long least = 0) =>
        Make(
            name,
            help,
            new ByteSize(normal),
            text => Sizes.Parse(text) is var bytes && bytes >= least ? new ByteSize(bytes) : throw new FormatException($"at least {least} bytes"),
            "bytes",
            $"from {Sizes.Text(least)}");

    public static Setting<bool> Flag(string name, string help) => new(name, help, false, "flag", "true or false");

    /// <summary>Runs the checks that options bring with them; what they refuse is wrong usage.</summary>
    /// <exception cref="UsageException">One is out of its bounds.</exception>
    public static T Checked<T>(T options, Action<T> validate)
    {
        try
        {
            validate(options);
            return options;
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(wrong.Message.TrimEnd('.'));
        }
    }

    /// <summary>One of a few words, offered for completion.</summary>
    public static Setting<string> Word(string name, string help, string normal, params string[] words)
    {
        var rule = string.Join(", ", words[..^1]) + " or " + words[^1];
        var option = Make(
            name, help, normal, text => Array.Find(words, w => w.Equals(text, StringComparison.OrdinalIgnoreCase)) ?? throw new FormatException(rule), "word", rule);
        option.HelpName = string.Join('|', words);
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary>An option whose text <paramref name="read"/> understands, or refuses with what is allowed as the message of a <see cref="FormatException"/>.</summary>
    public static Setting<T> Make<T>(string name, string help, T normal, Func<string, T> read, string unit = "text", string bound = "")
    {
        var option = new Setting<T>(name, help, normal, unit, bound)
        {
            CustomParser = result => Read(result, name, read),
            Arity = ArgumentArity.ExactlyOne,
        };
        if (normal is not null)
        {
            option.DefaultValueFactory = _ => normal;
        }

        return option;
    }

    private static int ReadWhole(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw new FormatException($"a whole number from {least} to {most}");

    private static long ReadCount(string text, long least) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least
            ? value
            : throw new FormatException($"a whole number from {least}");

    private static T? Read<T>(ArgumentResult result, string name, Func<string, T> read)
    {
        var text = result.Tokens[0].Value;
        try
        {
            return read(text);
        }
        catch (FormatException allowed)
        {
            result.AddError($"{name} is '{text}'; it must be {allowed.Message}");
            return default;
        }
    }
}
