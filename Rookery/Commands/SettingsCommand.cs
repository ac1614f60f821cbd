using System.CommandLine;
using System.Text.Json;

namespace Rookery.Command;

/// <summary><c>rookery settings</c>: every setting of a run, what it would be with this command line, and why.</summary>
internal static class SettingsCommand
{
    public const string Name = "settings";

    private static readonly Column[] Columns = [new("setting"), new("value"), new("from"), new("default"), new("unit"), new("bound")];
    private static readonly Column[] Narrow = [new("setting") { IsWhole = true }, new("value"), new("from"), new("default"), new("allowed")];
    private static readonly Option<bool> Json = Settings.Flag("--json", "Print a JSON object for each: setting, variable, value, from, default, unit, bound, meaning, without_effect (why it does nothing, or null)");
    private static readonly Option<bool> Markdown = Settings.Flag("--markdown", "Print the table of the documents: what settings there are, whatever is set here");

    public static System.CommandLine.Command Make(Surroundings around, SettingSources sources)
    {
        var command = new System.CommandLine.Command(
            Name, "Show every setting that run would have, with the same options, environment and file: its value, where that came from, default, unit and bound; tells what run would refuse, and what would do nothing")
        {
            Json, Markdown,
        };
        RunCommand.AddTo(command);
        command.SetAction((parsed, _) => Task.FromResult(Show(parsed, around, sources)));
        return command;
    }

    private static int Show(ParseResult parsed, Surroundings around, SettingSources sources)
    {
        if (parsed.GetValue(Markdown))
        {
            foreach (var line in Page(sources.All().Select(s => s.Setting)))
            {
                around.Out.WriteLine(line);
            }

            return ExitCode.Ok;
        }

        _ = RunCommand.Read(parsed, around.Variable);
        var rows = sources.All().Select(s => new SettingRow(
            s.Setting, Value(parsed, s.Setting, s.From, around), s.From ?? "default", WithoutEffect.Why(s.Setting, parsed, sources))).ToList();
        if (parsed.GetValue(Json))
        {
            foreach (var row in rows)
            {
                around.Out.WriteLine(JsonSerializer.Serialize(row.ToJson(), CommandJson.Relaxed.SettingJson));
            }
        }
        else if (around.IsLive)
        {
            new Figures(around).Table(Narrow, rows.Select(r => (IReadOnlyList<string>)[r.Setting.Key, r.Value, r.From, r.Setting.Normal, Allowed(r.Setting)]));
        }
        else
        {
            new Figures(around).Table(Columns, rows.Select(r => (IReadOnlyList<string>)[r.Setting.Key, r.Value, r.From, r.Setting.Normal, r.Setting.Unit, r.Setting.Bound]));
        }

        return ExitCode.Ok;
    }

    /// <summary>The table of docs/OPERATIONS.md.</summary>
    internal static IEnumerable<string> Page(IEnumerable<ISetting> settings)
    {
        yield return "| setting | in the environment | default | unit | bound | meaning |";
        yield return "| --- | --- | --- | --- | --- | --- |";
        foreach (var s in settings)
        {
            yield return $"| `{s.Name}` | `{s.Variable}` | {(s.Normal.Length == 0 ? "" : $"`{s.Normal}`")} | {s.Unit} | {s.Bound} | {s.Meaning.Replace("|", "\\|", StringComparison.Ordinal)} |";
        }
    }

    private static string Allowed(ISetting setting) => setting switch
    {
        { Bound.Length: 0 } => setting.Unit,
        { Unit: "flag" or "word" or "rate" } => setting.Bound,
        _ => $"{setting.Bound} {setting.Unit}",
    };

    // Whoever looks at settings need not see secrets: tokens in a variable are only said to be there.
    private static string Value(ParseResult parsed, ISetting setting, string? from, Surroundings around) => from switch
    {
        AccessSettings.TokensVariable => "(in the variable)",
        AccessSettings.TokensFileVariable => around.Variable(AccessSettings.TokensFileVariable)!,
        _ => setting.Text(parsed),
    };
}

/// <summary>A setting and what it is now.</summary>
internal sealed record SettingRow(ISetting Setting, string Value, string From, string? WithoutEffect)
{
    public SettingJson ToJson() => new(Setting.Key, Setting.Variable, Value, From, Setting.Normal, Setting.Unit, Setting.Bound, Setting.Meaning, WithoutEffect);
}

/// <summary>The same as a JSON object.</summary>
internal sealed record SettingJson(string Setting, string Variable, string Value, string From, string Default, string Unit, string Bound, string Meaning, string? WithoutEffect);
