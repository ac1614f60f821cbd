using System.CommandLine;

namespace Rookery.Command;

/// <summary>
/// The settings of a run, or of a client, from where they may stand: the command line goes before the environment, that before the file of
/// settings, that before what is normal. A setting has one name in all of them: <c>--max-topics</c>,
/// <c>ROOKERY_MAX_TOPICS</c>, <c>"max-topics"</c>. Those of a client have a name of their own in the latter two, for a run
/// listens where a client connects: <c>--port</c>, <c>ROOKERY_CLIENT_PORT</c>, <c>"client-port"</c>.
/// </summary>
internal sealed class SettingSources(Surroundings around)
{
    /// <summary>Says where the file is.</summary>
    public const string FileOption = "--settings";

    /// <summary>Says so in the environment.</summary>
    public const string FileVariable = "ROOKERY_SETTINGS";

    // Variables of other commands, and those that are no option. What is like none of them may belong to somebody else.
    private static readonly string[] OtherVariables = [FileVariable, AccessSettings.TokensVariable, AccessSettings.PasswordVariable, BrokerSettings.TokenVariable];

    private readonly List<(ISetting Setting, string Value, string From)> _found = [];
    private List<ISetting> _settings = [];
    private List<ISetting> _known = [];

    /// <summary>The command line with what environment and file add to it.</summary>
    /// <exception cref="UsageException">The file has a setting that there is not, or something else in it is wrong.</exception>
    /// <exception cref="FailureException">The file cannot be read.</exception>
    public string[] Apply(string[] args, RootCommand root)
    {
        if (args is not [var name, .. var said])
        {
            return args;
        }

        var ofRun = name is RunCommand.Name or SettingsCommand.Name;
        List<ISetting> run = [.. root.Subcommands.Single(c => c.Name == RunCommand.Name).Options.OfType<ISetting>(), CommandLine.Verbose];
        _known = [.. run, .. root.Subcommands.SelectMany(c => c.Options).OfType<ISetting>().Where(s => s.IsClients).Distinct()];
        _settings = ofRun ? run : [.. root.Subcommands.Where(c => c.Name == name).SelectMany(c => c.Options).OfType<ISetting>().Where(s => s.IsClients)];
        if (_settings.Count == 0)
        {
            return args;
        }

        // Run and clients may share a file.
        var file = FindFile(ofRun ? said : []) is { } path ? SettingsFile.Read(path, _known) : null;
        var added = new List<string>();
        foreach (var setting in _settings)
        {
            if (Said(said, setting.Name))
            {
                _found.Add((setting, "", "command line"));
            }
            else if (around.Variable(setting.Variable) is { Length: > 0 } variable)
            {
                Add(added, setting, variable, setting.Variable);
            }
            else if (setting.Name == AccessSettings.TokensName && around.Variable(AccessSettings.TokensVariable) is { Length: > 0 })
            {
                _found.Add((setting, "set", AccessSettings.TokensVariable));
            }
            else if (file?.Values.GetValueOrDefault(setting.Key) is { } value)
            {
                Add(added, setting, value, file.Path);
            }
        }

        return [args[0], .. added, .. said];
    }

    /// <summary>Variables that look like a setting and are none: nobody would learn that they do nothing.</summary>
    public IEnumerable<string> Warnings()
    {
        var known = _known.Select(s => s.Variable).Concat(OtherVariables).ToList();
        return from name in _settings.Count == 0 ? [] : around.VariableNames()
               where name.StartsWith(SettingNames.Prefix, StringComparison.Ordinal) && !known.Contains(name)
               let meant = Nearest.To(name[SettingNames.Prefix.Length..], known.Select(k => k[SettingNames.Prefix.Length..]))
               where meant is not null
               select $"warning: {name} is no setting, and does nothing; did you mean {SettingNames.Prefix}{meant}?";
    }

    /// <summary>A message about a setting, with the place its value came from.</summary>
    public string Explain(string message)
    {
        var from = _found.FirstOrDefault(f => f.Value.Length > 0 && message.StartsWith($"{f.Setting.Name} ", StringComparison.Ordinal)).From;
        return from is null ? message : $"{message} (from {from})";
    }

    /// <summary>Whether it has a value from anywhere, also where that is not read as one of the command line.</summary>
    public bool Has(ISetting setting) => _found.Any(f => f.Setting == setting);

    /// <summary>Every setting, with the place its value came from: null for what is normal.</summary>
    public IEnumerable<(ISetting Setting, string? From)> All() =>
        _settings.Select(s => (s, _found.Where(f => f.Setting == s).Select(f => f.From).FirstOrDefault()));

    /// <summary>What environment or file have one be, for a command that asks about a run and takes no options of it; null where they do not say.</summary>
    /// <exception cref="UsageException">The file has a setting that there is not, or something else in it is wrong.</exception>
    /// <exception cref="FailureException">The file cannot be read.</exception>
    public string? Find(ISetting setting) =>
        around.Variable(setting.Variable) is { Length: > 0 } variable ? variable
        : FindFile([]) is { } path ? SettingsFile.Read(path, _known).Values.GetValueOrDefault(setting.Key)
        : null;

    private static bool Said(string[] said, string option) => said.Any(a => a == option || a.StartsWith(option + "=", StringComparison.Ordinal));

    private void Add(List<string> added, ISetting setting, string value, string from)
    {
        _found.Add((setting, value, from));

        // Which of the two variables of tokens is meant is decided, or refused, where they are read.
        if (from != AccessSettings.TokensFileVariable)
        {
            added.Add($"{setting.Name}={(setting is Option<bool> ? Flag(setting, value) : value)}");
        }
    }

    private static string Flag(ISetting setting, string value) => value.ToLowerInvariant() switch
    {
        "true" or "1" => "true",
        "false" or "0" => "false",
        _ => throw new UsageException($"{setting.Name} is '{value}'; it must be true or false"),
    };

    private string? FindFile(string[] said)
    {
        for (var i = 0; i < said.Length; i++)
        {
            if (said[i].StartsWith(FileOption + "=", StringComparison.Ordinal))
            {
                return said[i][(FileOption.Length + 1)..];
            }

            if (said[i] == FileOption && i + 1 < said.Length)
            {
                return said[i + 1];
            }
        }

        return around.Variable(FileVariable) is { Length: > 0 } path ? path : null;
    }
}
