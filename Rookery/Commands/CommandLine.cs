using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Reflection;

namespace Rookery.Command;

/// <summary>From the words of the command line to an exit code.</summary>
internal static class CommandLine
{
    public static readonly Setting<bool> Verbose = MakeVerbose();

    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static async Task<int> RunAsync(string[] args, Surroundings around)
    {
        Interruption? interruption = null;
        var its = around with { Interruptions = () => interruption = around.Interruptions() };
        return Finish(its, await ActAsync(args, its, () => interruption is { WasAsked: true }));
    }

    private static async Task<int> ActAsync(string[] args, Surroundings around, Func<bool> isInterrupted)
    {
        var sources = new SettingSources(around);
        var root = Root(around, sources);
        ParseResult? parsed = null;
        try
        {
            parsed = root.Parse(sources.Apply(WithCommand(args), root));
            if (parsed.Action is ParseErrorAction || Mistyped(parsed) is not null)
            {
                around.TryTell($"rookery: {sources.Explain(WhatIsWrong(parsed))}");
                around.TryTell($"Try: rookery {(parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ")}--help");
                return ExitCode.Usage;
            }

            foreach (var warning in sources.Warnings())
            {
                around.TryTell($"rookery: {warning}");
            }

            WithoutEffect.Tell(parsed, sources, around);

            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = around.Out,
                Error = around.Error,
            });
        }
        catch (UsageException wrong)
        {
            around.TryTell($"rookery: {sources.Explain(wrong.Message)}");
            return ExitCode.Usage;
        }
        catch (OperationCanceledException) when (isInterrupted())
        {
            return ExitCode.Interrupted;
        }
        catch (IOException closed) when (Surroundings.IsClosedOutput(closed))
        {
            // Whoever read it has seen enough, as in: rookery sub tweets | head. What was not printed was not acknowledged.
            return ExitCode.Ok;
        }
        catch (Exception failure) when (!Debugging(failure))
        {
            around.TryTell($"rookery: {Failures.Explain(failure)}");
            if (parsed?.GetValue(Verbose) is true)
            {
                around.TryTell(failure.ToString());
            }

            return ExitCode.Failed;
        }
    }

    internal static RootCommand Root(Surroundings around, SettingSources? sources = null)
    {
        sources ??= new SettingSources(around);
        var root = new RootCommand($"Rookery: tweets scored and stored as they come, carried by a message broker. Without a command: run.\n\n{ExitCode.Help}")
        {
            RunCommand.Make(around),
            FeedCommand.Make(around),
            SubCommand.Make(around),
            PubCommand.Make(around),
            TopicsCommand.Make(around),
            StatsCommand.Make(around),
            TopCommand.Make(around),
            DeadCommand.Make(around),
            DeadLetterCommands.MakeReplay(around),
            DeadLetterCommands.MakeDiscard(around),
            DropCommand.Make(around),
            HealthCommand.Make(around, sources),
            BenchCommand.Make(around),
            OriginalCommand.Make(around),
            SettingsCommand.Make(around, sources),
        };
        root.Options.Add(Verbose);
        return root;
    }

    /// <summary>Options without a command are those of <c>run</c>, and so is nothing at all.</summary>
    internal static string[] WithCommand(string[] args) => args switch
    {
        [] => ["run"],
        ["--help" or "-h" or "-?" or "/?" or "--version", ..] => args,
        [['-', ..], ..] => ["run", .. args],
        _ => args,
    };

    private static string WhatIsWrong(ParseResult parsed) => Mistyped(parsed) is { } mistyped ? NoOption(parsed, mistyped) : parsed switch
    {
        { CommandResult.Command: RootCommand root, UnmatchedTokens: [var word, ..] } =>
            $"there is no command '{word}'{Nearest.Hint(word, root.Subcommands.Select(c => c.Name))}; there are {string.Join(", ", root.Subcommands.Select(c => c.Name))}",
        { UnmatchedTokens: [['-', ..] option, ..] } when parsed.CommandResult.Command.Options.All(o => o.Name != option) => NoOption(parsed, option),
        { UnmatchedTokens: [var word, ..] } => $"'{word}' is too much for {parsed.CommandResult.Command.Name}",
        _ => parsed.Errors[0].Message,
    };

    /// <summary>What was taken for a topic or a message and looks like an option: mostly it is a mistyped one. Behind <c>--</c> it is meant.</summary>
    private static string? Mistyped(ParseResult parsed)
    {
        var meant = parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).ToList();
        return parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal) && !meant.Exists(m => ReferenceEquals(m, token)))?.Value;
    }

    private static string NoOption(ParseResult parsed, string option)
    {
        var command = parsed.CommandResult.Command;
        return $"{command.Name} has no option '{option}'{Nearest.HintOfOptions(option, [.. command.Options.Append(Verbose).Select(o => o.Name)])}";
    }

    private static Setting<bool> MakeVerbose()
    {
        var option = Settings.Flag("--verbose", "Say more, also where an error came from");
        option.Recursive = true;
        return option;
    }

    // A bug should not hide behind a friendly line.
    private static bool Debugging(Exception failure) => failure is NullReferenceException or IndexOutOfRangeException or InvalidCastException;

    /// <summary>What was printed has to arrive: who saves the answer of a command would go on with half of it.</summary>
    private static int Finish(Surroundings around, int code)
    {
        if (around.IsOutputStuck)
        {
            return code;
        }

        try
        {
            around.Out.Flush();
        }
        catch (IOException closed) when (Surroundings.IsClosedOutput(closed))
        {
            // Whoever read it is gone, as in: rookery sub tweets | head
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            around.TryTell($"rookery: cannot write to the standard output: {Failures.Explain(failed)}");
            return code == ExitCode.Ok ? ExitCode.Failed : code;
        }

        return code;
    }
}
