using System.Globalization;
using System.Text;

namespace Rookery.Wire;

/// <summary>The text format of Prometheus, version 0.0.4, and its conventions for names.</summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _begun = new(StringComparer.Ordinal);

    public override string ToString() => _text.ToString();

    /// <summary>Begins a metric: what it is, in a line each.</summary>
    /// <returns>False where it was begun before: a text has each name once, and whoever reads it refuses all of it otherwise.</returns>
    public bool Begin(string name, string kind, string help)
    {
        if (!_begun.Add(name))
        {
            return false;
        }

        _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).ReplaceLineEndings("\\n")).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(kind).Append('\n');
        return true;
    }

    /// <summary>One value of the metric that was begun.</summary>
    public void Sample(string name, string tags, double value)
    {
        _text.Append(name);
        if (tags.Length > 0)
        {
            _text.Append('{').Append(tags).Append('}');
        }

        _text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <summary>A tag as it stands between the braces.</summary>
    public static string Tag(string name, string value) =>
        $"{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings("\\n")}\"";

    public static string Tags(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            text.Append(text.Length > 0 ? "," : "").Append(Tag(Plain(name), Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
        }

        return text.ToString();
    }

    /// <summary>
    /// Words joined by underscores, the unit in words where it is not among them, <c>_total</c> behind what only grows:
    /// <c>rookery.journal.bytes</c> in <c>By</c> is <c>rookery_journal_bytes_total</c>.
    /// </summary>
    public static string NameOf(string name, string? unit, bool counts)
    {
        var plain = Plain(name);
        var words = unit switch { "By" => "bytes", "s" => "seconds", "ms" => "milliseconds", "1" => "ratio", _ => "" };
        if (words.Length > 0 && !plain.Split('_').Contains(words, StringComparer.Ordinal))
        {
            plain += "_" + words;
        }

        return counts && !plain.EndsWith("_total", StringComparison.Ordinal) ? plain + "_total" : plain;
    }

    private static string Plain(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
}
