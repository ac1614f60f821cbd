using System.CommandLine;
using System.Globalization;

namespace Rookery.Command;

/// <summary>What a setting says of itself, the one description of it: help, <c>rookery settings</c> and the documents show no other.</summary>
internal interface ISetting
{
    /// <summary>Its name on the command line, such as <c>--max-topics</c>.</summary>
    string Name { get; }

    /// <summary>Its name in a file of settings, such as <c>max-topics</c>.</summary>
    string Key { get; }

    /// <summary>Its name in the environment, such as <c>ROOKERY_MAX_TOPICS</c>.</summary>
    string Variable { get; }

    /// <summary>Whether it is one of a client's, who shares the file of settings with a run.</summary>
    bool IsClients { get; }

    /// <summary>What it does.</summary>
    string Meaning { get; }

    /// <summary>Its value where nobody sets it, as it would be written; empty where it has none.</summary>
    string Normal { get; }

    /// <summary>What its value counts, or is.</summary>
    string Unit { get; }

    /// <summary>What its value may be; empty where anything may.</summary>
    string Bound { get; }

    /// <summary>The value it got, as it would be written; empty where it has none.</summary>
    string Text(ParseResult parsed);

    /// <summary>Why its value does nothing beside the others, such as <c>with --no-tweets</c>; null: it has its effect.</summary>
    string? IdleBecause(MadeSettings made);
}

/// <summary>An option that knows what it says of itself.</summary>
internal sealed class Setting<T> : Option<T>, ISetting
{
    private readonly List<(string Why, Func<MadeSettings, bool> Holds)> _idle = [];

    public Setting(string name, string meaning, T normal, string unit, string bound)
        : base(name)
    {
        (Meaning, Unit, Bound) = (meaning, unit, bound);
        Normal = Written(normal);

        // Words stand in the name of the value already, and everybody knows what a flag may be.
        if (unit is not "flag")
        {
            HelpName = unit;
        }

        Description = bound.Length == 0 || unit is "flag" or "word" or "rate" ? meaning : $"{meaning} ({bound})";
    }

    public string Key => ClientKey ?? Name.TrimStart('-');

    public string Variable => ClientKey is null ? SettingNames.VariableOf(Name) : SettingNames.VariableOf("--" + ClientKey);

    public bool IsClients => ClientKey is not null;

    /// <summary>What a client's is called in the file, so that it is not taken for the setting of a run; null for those of a run.</summary>
    public string? ClientKey { get; private set; }

    public string Meaning { get; }

    public string Normal { get; }

    public string Unit { get; }

    public string Bound { get; }

    /// <summary>Makes it one that clients take from the environment and the file, too.</summary>
    public Setting<T> Client(string key)
    {
        ClientKey = key;
        return this;
    }

    /// <summary>It does nothing while something holds.</summary>
    /// <param name="why">Ends the sentence "--it has no effect".</param>
    /// <param name="holds">Whether that is so.</param>
    public Setting<T> Idle(string why, Func<MadeSettings, bool> holds)
    {
        _idle.Add((why, holds));
        return this;
    }

    /// <summary>It does nothing where another was made.</summary>
    public Setting<T> IdleWith(ISetting other) => Idle($"with {Made(other).Name}", made => made.Has(other));

    /// <summary>It does nothing where another has one of these values, made or normal.</summary>
    public Setting<T> IdleWith(ISetting other, params string[] values) =>
        values.Aggregate(this, (self, value) => self.Idle($"with {Made(other).Name} {value}", made => made.Text(other).Equals(value, StringComparison.OrdinalIgnoreCase)));

    public string? IdleBecause(MadeSettings made) => _idle.FirstOrDefault(idle => idle.Holds(made)).Why;

    public string Text(ParseResult parsed) => Written(parsed.GetValue(this));

    // Settings of several classes name each other: one that names too early must not pass for one without the other.
    private static ISetting Made(ISetting? other) =>
        other ?? throw new InvalidOperationException("the other setting is not made yet: its class was asked for by its own settings");

    private static string Written(T? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}

/// <summary>One name in every place that a setting can stand in.</summary>
internal static class SettingNames
{
    public const string Prefix = "ROOKERY_";

    /// <summary>That of <c>--max-topics</c> is <c>ROOKERY_MAX_TOPICS</c>; the file of the tokens has a name of its own, for the tokens themselves have the plain one.</summary>
    public static string VariableOf(string name) =>
        name == AccessSettings.TokensName ? AccessSettings.TokensFileVariable : Prefix + name.TrimStart('-').Replace('-', '_').ToUpperInvariant();
}
