using System.Globalization;
using System.Net;

namespace Rookery.Hosting;

/// <summary>
/// Settings of a program of the cluster: <c>--http-port 8081</c> on the command line, or <c>ROOKERY_HTTP_PORT</c> in the
/// environment; the command line counts first.
/// </summary>
public sealed class Settings
{
    private readonly Dictionary<string, string> _flags = new(StringComparer.Ordinal);
    private readonly Func<string, string?> _environment;
    private readonly SortedDictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It has something that is no <c>--name value</c>.</exception>
    public Settings(string[] args, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(args);
        _environment = environment;
        for (var i = 0; i < args.Length; i += 2)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Length)
            {
                throw new FormatException($"\"{args[i]}\" is not a setting; give each as --name value");
            }

            _flags[args[i][2..]] = args[i + 1];
        }
    }

    /// <summary>What was read so far: each name with its variable, what it may be, and what it is unless it is set.</summary>
    public IEnumerable<string> Describe() => _known.Select(one => $"  --{one.Key}, {Variable(one.Key)}: {one.Value}");

    /// <summary>A text.</summary>
    public string Text(string name, string otherwise) => Find(name, $"{otherwise}") ?? otherwise;

    /// <summary>A text, or null where it is not set.</summary>
    public string? Find(string name) => Find(name, "not set");

    private string? Find(string name, string description)
    {
        _known[name] = description;
        return _flags.GetValueOrDefault(name) ?? (_environment(Variable(name)) is { Length: > 0 } text ? text : null);
    }

    /// <summary>One of some words.</summary>
    /// <exception cref="FormatException">It is none of them.</exception>
    public string OneOf(string name, params string[] words) =>
        (Find(name, $"{words[0]}; one of {string.Join(", ", words)}") ?? words[0]) is var text && words.Contains(text)
            ? text
            : throw new FormatException($"{name} ({Variable(name)}) is \"{text}\"; it must be one of {string.Join(", ", words)}");

    /// <summary>A whole number.</summary>
    /// <exception cref="FormatException">It is none, or out of its bounds.</exception>
    public int Number(string name, int otherwise, int least, int most)
    {
        var text = Find(name, string.Create(CultureInfo.InvariantCulture, $"{otherwise}; {least} to {most}"));
        return text is null ? otherwise
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : throw new FormatException($"{name} ({Variable(name)}) is \"{text}\"; it must be between {least} and {most}");
    }

    /// <summary>A time in seconds.</summary>
    /// <exception cref="FormatException">It is none, or out of its bounds.</exception>
    public TimeSpan Seconds(string name, double otherwise, double least, double most)
    {
        var text = Find(name, string.Create(CultureInfo.InvariantCulture, $"{otherwise}; {least} to {most} seconds"));
        return text is null ? TimeSpan.FromSeconds(otherwise)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? TimeSpan.FromSeconds(number)
            : throw new FormatException($"{name} ({Variable(name)}) is \"{text}\"; it must be between {least} and {most} seconds");
    }

    /// <summary>An IP address.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public IPAddress Address(string name, IPAddress otherwise)
    {
        var text = Find(name, $"{otherwise}; an IP address");
        return text is null ? otherwise
            : IPAddress.TryParse(text, out var address) ? address
            : throw new FormatException($"{name} ({Variable(name)}) is \"{text}\"; it must be an IP address");
    }

    /// <summary>Addresses with ports, with commas between them; empty where it is not set.</summary>
    /// <exception cref="FormatException">One of them is none.</exception>
    public IPEndPoint[] EndPoints(string name) => Find(name, "not set; address:port, with commas") is not { } text ? [] : Array.ConvertAll(
        text.Split(','),
        part => IPEndPoint.TryParse(part, out var endPoint)
            ? endPoint
            : throw new FormatException($"{name} ({Variable(name)}) has \"{part}\"; it must be address:port"));

    /// <summary>Call it when all were read.</summary>
    /// <exception cref="FormatException">The command line names one that nothing asked for.</exception>
    public void RefuseUnknown()
    {
        if (_flags.Keys.FirstOrDefault(name => !_known.ContainsKey(name)) is { } unknown)
        {
            throw new FormatException($"there is no setting --{unknown}; there are {string.Join(", ", _known.Keys.Select(name => "--" + name))}");
        }
    }

    private static string Variable(string name) => "ROOKERY_" + name.Replace('-', '_').ToUpperInvariant();
}
