using System.Globalization;
using System.Text;
using System.Text.Json;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>Reads the fields of a small JSON object, of which <c>null</c> means absent; every fault is one sentence.</summary>
internal ref struct OptionReader
{
    /// <summary>What is a name, for error messages.</summary>
    public static readonly string NameRule = $"1 to {SessionIdentity.LongestName} bytes, without control characters or a space at either end";

    private Utf8JsonReader _json;
    private string _field = "";

    /// <exception cref="FormatException">It is not an object.</exception>
    public OptionReader(ReadOnlySpan<byte> json)
    {
        _json = new Utf8JsonReader(json);
        if (!Read() || _json.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException("it must be a JSON object");
        }
    }

    /// <summary>Goes on to the next field; its value has to be read, or skipped.</summary>
    public bool Next(out string name)
    {
        Read();
        if (_json.TokenType == JsonTokenType.EndObject)
        {
            name = "";
            Read();
            return false;
        }

        name = _field = String() ?? throw new FormatException("the name of a field has a lone surrogate");
        Read();
        return true;
    }

    public void Skip()
    {
        try
        {
            _json.Skip();
        }
        catch (JsonException error)
        {
            throw NotJson(error);
        }
    }

    public bool Flag() => _json.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False or JsonTokenType.Null => false,
        _ => throw Wrong("true or false"),
    };

    public string? Text() => _json.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String => String() ?? throw Wrong("a string without a lone surrogate"),
        _ => throw Wrong("a string"),
    };

    /// <summary>A string, or a number as it is written.</summary>
    public string? TextOrNumber() => _json.TokenType == JsonTokenType.Number
        ? Encoding.ASCII.GetString(_json.ValueSpan)
        : Text();

    /// <summary>A name that people and logs can bear.</summary>
    public string? Name()
    {
        var name = Text();
        if (name is null)
        {
            return null;
        }

        return IsName(name) ? name : throw Wrong(NameRule);
    }

    public static bool IsName(string name) =>
        Encoding.UTF8.GetByteCount(name) is > 0 and <= SessionIdentity.LongestName && name[0] != ' ' && name[^1] != ' ' && !name.Any(char.IsControl);

    public int? Integer(int least, int most)
    {
        if (_json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        var good = _json.TokenType == JsonTokenType.Number && JsonText.TryInteger(_json.ValueSpan, out _);
        return good && _json.TryGetInt32(out var value) && value >= least && value <= most
            ? value
            : throw Wrong(string.Create(CultureInfo.InvariantCulture, $"an integer from {least} to {most}"));
    }

    /// <summary>A sequence number from 1; false where the value is no number.</summary>
    public readonly bool TryNumber(out long value)
    {
        value = 0;
        return _json.TokenType == JsonTokenType.Number && JsonText.TryInteger(_json.ValueSpan, out value);
    }

    public readonly FormatException Wrong(string allowed) => new($"{_field} must be {allowed}");

    /// <summary>A field that there is not: a misspelt one must not be taken for one that was left out.</summary>
    public static FormatException Unknown(string name, string known) => new(UnknownText(name, known));

    /// <summary>What is said of a field that there is not.</summary>
    public static string UnknownText(string name, string known) => $"{Echo.Text(Encoding.UTF8.GetBytes(name))} is not known; there are {known}";

    /// <returns>Null where it has a lone surrogate.</returns>
    private readonly string? String()
    {
        try
        {
            return _json.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private bool Read()
    {
        try
        {
            return _json.Read();
        }
        catch (JsonException error)
        {
            throw NotJson(error);
        }
    }

    private static FormatException NotJson(JsonException error) =>
        new(string.Create(CultureInfo.InvariantCulture, $"it must be a JSON object; there is a fault at byte {error.BytePositionInLine}"), error);
}
