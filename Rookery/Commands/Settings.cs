using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Rookery.Command;

/// <summary>Options with bounds: a value outside of them names the option, the value and the bounds.</summary>
internal static class Settings
{
    public static Option<int> Whole(string name, string help, int normal, int least, int most) =>
        Make(name, $"{help} ({least}..{most})", normal, text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
                ? value
                : throw new FormatException($"a whole number from {least} to {most}"));

    public static Option<int?> OptionalWhole(string name, string help, int least, int most) =>
        Make<int?>(name, $"{help} ({least}..{most})", null, text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
                ? value
                : throw new FormatException($"a whole number from {least} to {most}"));

    public static Option<double> Fraction(string name, string help, double normal) =>
        Make(name, help, normal, text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1
                ? value
                : throw new FormatException("a number from 0 to 1"));

    public static Option<string?> Text(string name, string help, string? normal = null) =>
        Make(name, help, normal, text => text.Length > 0 ? text : throw new FormatException("not empty"));

    public static Option<TimeSpan?> Duration(string name, string help, TimeSpan? longest = null) =>
        Make<TimeSpan?>(name, help, null, text => Durations.Parse(text, longest));

    public static Option<long?> OptionalCount(string name, string help, long least) =>
        Make<long?>(name, help, null, text =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least
                ? value
                : throw new FormatException($"a whole number from {least}"));

    public static Option<long?> Size(string name, string help, long least = 0) =>
        Make<long?>(name, help, null, text => Sizes.Parse(text) is var bytes && bytes >= least ? bytes : throw new FormatException($"at least {least} bytes"));

    public static Option<bool> Flag(string name, string help) => new(name) { Description = help };

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
    public static Option<string> Word(string name, string help, string normal, params string[] words)
    {
        var option = Make(name, help, normal, text =>
            Array.Find(words, w => w.Equals(text, StringComparison.OrdinalIgnoreCase)) ?? throw new FormatException(string.Join(", ", words[..^1]) + " or " + words[^1]));
        option.HelpName = string.Join('|', words);
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary>An option whose text <paramref name="read"/> understands, or refuses with what is allowed as the message of a <see cref="FormatException"/>.</summary>
    public static Option<T> Make<T>(string name, string help, T normal, Func<string, T> read)
    {
        var option = new Option<T>(name)
        {
            Description = help,
            CustomParser = result => Read(result, name, read),
            Arity = ArgumentArity.ExactlyOne,
        };
        if (normal is not null)
        {
            option.DefaultValueFactory = _ => normal;
        }

        return option;
    }

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
