using System.CommandLine;

namespace Rookery.Command;

/// <summary>
/// Settings that somebody made and that do nothing as things are: told, not refused, for a file or an environment may serve
/// several runs. When that is so, each setting says of itself (<see cref="Setting{T}.Idle(string, Func{MadeSettings, bool})"/>).
/// </summary>
internal static class WithoutEffect
{
    /// <summary>Warns of each, with the place its value came from.</summary>
    public static void Tell(ParseResult parsed, SettingSources sources, Surroundings around)
    {
        foreach (var sentence in In(parsed, sources))
        {
            around.TryTell($"rookery: warning: {sources.Explain(sentence)}");
        }
    }

    /// <summary>One sentence for each, beginning with its name.</summary>
    public static IEnumerable<string> In(ParseResult parsed, SettingSources sources) =>
        from setting in parsed.CommandResult.Command.Options.OfType<ISetting>()
        let why = Why(setting, parsed, sources)
        where why is not null
        select $"{setting.Name} has no effect {why}";

    /// <summary>Why a setting that was made does nothing, such as <c>with --no-tweets</c>; null: it does something, or nobody made it.</summary>
    public static string? Why(ISetting setting, ParseResult parsed, SettingSources sources)
    {
        var made = new MadeSettings(parsed, sources);
        return made.Has(setting) ? setting.IdleBecause(made) : null;
    }
}

/// <summary>What was set, and to what: for a setting that asks whether it still has an effect.</summary>
internal sealed class MadeSettings(ParseResult parsed, SettingSources sources)
{
    /// <summary>Somebody gave it a value; of a flag, that it be set.</summary>
    public bool Has(ISetting setting) => setting switch
    {
        Option<bool> flag => parsed.GetValue(flag),
        Option option => parsed.GetResult(option) is { Implicit: false } || sources.Has(setting),
        _ => false,
    };

    /// <summary>The value it has, made or normal, as it would be written.</summary>
    public string Text(ISetting setting) => setting.Text(parsed);

    /// <summary>The value it has.</summary>
    public T? Value<T>(Setting<T> setting) => parsed.GetValue(setting);
}
