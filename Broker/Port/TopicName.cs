using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Rookery.Broker;

/// <summary>
/// The name of a topic: 1 to 200 of <c>A-Z a-z 0-9 . _ - :</c>, and neither <c>.</c> nor <c>..</c>.
/// A name is never used as a path.
/// </summary>
public readonly record struct TopicName
{
    /// <summary>The longest name, in characters (which are bytes).</summary>
    public const int MaxLength = 200;

    /// <summary>What is allowed, for error messages.</summary>
    public const string Rule = "1 to 200 of A-Z a-z 0-9 . _ - : and neither \".\" nor \"..\"";

    private static readonly SearchValues<byte> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:"u8);

    private readonly string? _value;

    private TopicName(string value) => _value = value;

    /// <summary>The name as text; empty for <c>default</c>, which no valid name is.</summary>
    public string Value => _value ?? string.Empty;

    /// <summary>Reads a name from UTF-8.</summary>
    /// <returns>False where the bytes are no name; see <see cref="Rule"/>.</returns>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out TopicName name)
    {
        var valid = utf8.Length is > 0 and <= MaxLength
            && !utf8.ContainsAnyExcept(Allowed)
            && !utf8.SequenceEqual("."u8)
            && !utf8.SequenceEqual(".."u8);
        name = valid ? new TopicName(Encoding.ASCII.GetString(utf8)) : default;
        return valid;
    }

    /// <summary>Reads a name from text.</summary>
    /// <returns>False where the text is no name; see <see cref="Rule"/>.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out TopicName name)
    {
        name = default;
        return text is { Length: > 0 and <= MaxLength } && TryParse(Encoding.UTF8.GetBytes(text), out name);
    }

    /// <summary>Reads a name that is known to be one.</summary>
    /// <exception cref="FormatException">The text is no name.</exception>
    public static TopicName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException($"\"{text}\" is not a topic name: {Rule}");

    /// <inheritdoc/>
    public override string ToString() => Value;
}
