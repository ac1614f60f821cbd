using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Rookery.Feed;

/// <summary>
/// Writes the JSON of a template, noting its slots. Strings come in two spellings, as servers differ: plain UTF-8, or ASCII with
/// <c>\u</c> escapes (surrogate pairs beyond the BMP) and <c>\/</c>.
/// </summary>
internal sealed class TemplateWriter(bool asciiOnly)
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Range('\0', ' '), '"', '\\']);
    private static readonly SearchValues<char> PlainAscii = SearchValues.Create([.. Range(' ', '\x7f').Except(['"', '\\', '/'])]);

    private readonly ArrayBufferWriter<byte> _bytes = new(4096);
    private readonly List<Slot> _slots = [];
    private bool _needsComma;

    public Template Build()
    {
        return new Template(_bytes.WrittenSpan.ToArray(), [.. _slots]);
    }

    public TemplateWriter StartObject(string? name = null) => Open(name, '{');

    public TemplateWriter EndObject() => Close('}');

    public TemplateWriter StartArray(string? name = null) => Open(name, '[');

    public TemplateWriter EndArray() => Close(']');

    public TemplateWriter Slot(string name, SlotKind kind)
    {
        Name(name);
        Mark(kind);
        return this;
    }

    public TemplateWriter QuotedSlot(string name, SlotKind kind)
    {
        Name(name);
        Byte('"');
        Mark(kind);
        Byte('"');
        return this;
    }

    /// <summary>A string with a slot in its middle, as in the address of another tweet.</summary>
    public TemplateWriter StringAround(string name, string before, SlotKind kind, string after)
    {
        Name(name);
        Byte('"');
        Text(before);
        Mark(kind);
        Text(after);
        Byte('"');
        return this;
    }

    public TemplateWriter String(string name, string? value)
    {
        Name(name);
        return Value(value);
    }

    public TemplateWriter Number(string name, long value)
    {
        Name(name);
        return Number(value);
    }

    public TemplateWriter Number(long value)
    {
        Separate();
        Utf8Formatter.TryFormat(value, _bytes.GetSpan(20), out var written);
        _bytes.Advance(written);
        _needsComma = true;
        return this;
    }

    public TemplateWriter Decimal(double value)
    {
        Separate();
        Encoding.ASCII.GetBytes(value.ToString("0.000000", CultureInfo.InvariantCulture), _bytes);
        _needsComma = true;
        return this;
    }

    public TemplateWriter Bool(string name, bool value)
    {
        Name(name);
        _bytes.Write(value ? "true"u8 : "false"u8);
        _needsComma = true;
        return this;
    }

    public TemplateWriter Nulls(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            String(name, null);
        }

        return this;
    }

    /// <summary>An id as number and, under the name with <c>_str</c>, as text; both null when there is none.</summary>
    public TemplateWriter IdPair(string name, long? id)
    {
        if (id is not { } value)
        {
            return Nulls(name, name + "_str");
        }

        return Number(name, value).String(name + "_str", value.ToString(CultureInfo.InvariantCulture));
    }

    public TemplateWriter Indices(int start, int end)
    {
        return StartArray("indices").Number(start).Number(end).EndArray();
    }

    private TemplateWriter Value(string? value)
    {
        Separate();
        if (value is null)
        {
            _bytes.Write("null"u8);
        }
        else
        {
            Byte('"');
            Text(value);
            Byte('"');
        }

        _needsComma = true;
        return this;
    }

    private TemplateWriter Open(string? name, char bracket)
    {
        if (name is not null)
        {
            Name(name);
        }

        Separate();
        Byte(bracket);
        _needsComma = false;
        return this;
    }

    private TemplateWriter Close(char bracket)
    {
        Byte(bracket);
        _needsComma = true;
        return this;
    }

    private void Name(string name)
    {
        Separate();
        Byte('"');
        Encoding.ASCII.GetBytes(name, _bytes);
        _bytes.Write("\":"u8);
        _needsComma = false;
    }

    private void Separate()
    {
        if (_needsComma)
        {
            Byte(',');
        }

        _needsComma = false;
    }

    private void Mark(SlotKind kind)
    {
        _slots.Add(new Slot(_bytes.WrittenCount, kind));
        _needsComma = true;
    }

    private void Text(string value)
    {
        var rest = value.AsSpan();
        while (!rest.IsEmpty)
        {
            var escape = asciiOnly ? rest.IndexOfAnyExcept(PlainAscii) : rest.IndexOfAny(Escaped);
            var plain = escape < 0 ? rest.Length : escape;
            if (plain > 0)
            {
                Encoding.UTF8.GetBytes(rest[..plain], _bytes);
                rest = rest[plain..];
            }
            else
            {
                Escape(rest[0]);
                rest = rest[1..];
            }
        }
    }

    private void Escape(char c)
    {
        switch (c)
        {
            case '"' or '\\' or '/':
                Byte('\\');
                Byte(c);
                break;
            case '\n':
                _bytes.Write("\\n"u8);
                break;
            default:
                _bytes.Write("\\u"u8);
                ((int)c).TryFormat(_bytes.GetSpan(4), out var written, "x4", CultureInfo.InvariantCulture);
                _bytes.Advance(written);
                break;
        }
    }

    private void Byte(char c)
    {
        _bytes.GetSpan(1)[0] = (byte)c;
        _bytes.Advance(1);
    }

    private static IEnumerable<char> Range(char first, char end)
    {
        return Enumerable.Range(first, end - first).Select(c => (char)c);
    }
}
