using System.CommandLine;

namespace Rookery.Command;

/// <summary>
/// Settings that somebody made and that do nothing beside another: told, not refused, for a file or an environment may serve
/// several runs.
/// </summary>
internal static class WithoutEffect
{
    private static readonly Rule[] OfRun =
    [
        new(
            "--no-tweets", null,
            "--viewer-port", "--feed-port", "--source", "--no-store", "--streams", "--rate", "--seed", "--panic", "--workers-min", "--workers-max", "--round-robin",
            "--ignore-panic", "--speculative", "--work", "--work-min", "--work-max", "--work-mean"),
        new("--source", null, "--feed-port", "--rate", "--seed", "--panic"),
        new("--no-http", null, "--http-port", "--http-names"),
        new("--work", "none", "--work-min", "--work-max", "--work-mean"),
        new("--work", "normal", "--work-mean"),
        new("--work", "uniform", "--work-mean"),
        new("--work", "poisson", "--work-min", "--work-max"),
    ];

    /// <summary>Warns of each, with the place its value came from.</summary>
    public static void Tell(ParseResult parsed, SettingSources sources, Surroundings around)
    {
        foreach (var idle in In(parsed))
        {
            around.TryTell($"rookery: warning: {sources.Explain(idle)}");
        }
    }

    /// <summary>One sentence for each, beginning with its name.</summary>
    public static IEnumerable<string> In(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var told = new HashSet<string>();
        foreach (var rule in command.Name == RunCommand.Name ? OfRun : [])
        {
            if (!rule.Holds(parsed, command))
            {
                continue;
            }

            foreach (var name in rule.Idle.Where(name => IsSaid(parsed, Find(command, name)) && told.Add(name)))
            {
                yield return $"{name} has no effect with {rule.Cause}{(rule.Word is null ? "" : $" {rule.Word}")}";
            }
        }

        if (command.Name == "bench" && IsSaid(parsed, Find(command, "--durability")) && !IsSaid(parsed, Find(command, "--start")))
        {
            yield return "--durability has no effect without --start: the broker that runs has its own";
        }
    }

    private static Option Find(System.CommandLine.Command command, string name) => command.Options.Single(option => option.Name == name);

    /// <summary>Somebody gave it a value; of a flag, that it be set.</summary>
    private static bool IsSaid(ParseResult parsed, Option option) =>
        parsed.GetResult(option) is { Implicit: false } && (option is not Option<bool> flag || parsed.GetValue(flag));

    /// <param name="Cause">The setting that takes the others their effect.</param>
    /// <param name="Word">The value it has then; null where it is enough that somebody made it.</param>
    /// <param name="Idle">The others.</param>
    private sealed record Rule(string Cause, string? Word, params string[] Idle)
    {
        public bool Holds(ParseResult parsed, System.CommandLine.Command command)
        {
            var cause = Find(command, Cause);
            return Word is null ? IsSaid(parsed, cause) : string.Equals(((ISetting)cause).Text(parsed), Word, StringComparison.OrdinalIgnoreCase);
        }
    }
}
