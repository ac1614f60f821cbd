using System.CommandLine;
using System.CommandLine.Help;

namespace Rookery.Command;

/// <summary>
/// Options of <c>run</c> from the environment, for those who start it without a command line of their own:
/// <c>--max-connections</c> is <c>ROOKERY_MAX_CONNECTIONS</c>. What the command line says goes first.
/// </summary>
internal sealed class EnvironmentOptions
{
    private readonly List<(string Option, string Variable)> _applied = [];

    private EnvironmentOptions(string[] args) => Args = args;

    /// <summary>The command line with what the environment adds to it.</summary>
    public string[] Args { get; }

    public static EnvironmentOptions Of(string[] args, RootCommand root, Func<string, string?> variable)
    {
        if (args is not ["run", .. var said])
        {
            return new EnvironmentOptions(args);
        }

        var applied = new List<(string Option, string Variable)>();
        var added = new List<string>();
        foreach (var option in root.Subcommands.Single(c => c.Name == "run").Options)
        {
            // The tokens have variables of their own.
            if (option is HelpOption || option == AccessSettings.Tokens || said.Any(a => a == option.Name || a.StartsWith(option.Name + "=", StringComparison.Ordinal)))
            {
                continue;
            }

            var name = VariableOf(option);
            if (variable(name) is { Length: > 0 } value)
            {
                added.Add($"{option.Name}={(option is Option<bool> ? Flag(value) : value)}");
                applied.Add((option.Name, name));
            }
        }

        var all = new EnvironmentOptions(["run", .. added, .. said]);
        all._applied.AddRange(applied);
        return all;
    }

    public static string VariableOf(Option option) => "ROOKERY_" + option.Name.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    /// <summary>A message about an option, with the variable it came from.</summary>
    public string Explain(string message)
    {
        var from = _applied.FirstOrDefault(a => message.StartsWith($"{a.Option} ", StringComparison.Ordinal)).Variable;
        return from is null ? message : $"{message} (from {from})";
    }

    private static string Flag(string value) => value switch { "1" => "true", "0" => "false", _ => value };
}
