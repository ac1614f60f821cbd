using System.Buffers;
using System.Globalization;
using System.Text;

namespace Rookery.Feed;

/// <summary>
/// Writes the JSON of a template, noting its slots. Strings come in two spellings, as servers differ: plain UTF-8, or ASCII with
/// <c>\u</c> escapes (surrogate pairs beyond the BMP) and <c>\/</c>.
/// </summary>
internal sealed class TemplateWriter(bool asciiOnly)
{
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
        Escaped(before);
        Mark(kind);
        Escaped(after);
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
        _bytes.Write(Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
        _needsComma = true;
        return this;
    }

    public TemplateWriter Decimal(double value)
    {
        Separate();
        _bytes.Write(Encoding.ASCII.GetBytes(value.ToString("0.000000", CultureInfo.InvariantCulture)));
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
            Escaped(value);
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
        _bytes.Write(Encoding.ASCII.GetBytes(name));
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

    private void Escaped(string value)
    {
        var rest = value.AsSpan();
        while (!rest.IsEmpty)
        {
            var plain = 0;
            while (plain < rest.Length && !NeedsEscape(rest[plain]))
            {
                plain++;
            }

            Encoding.UTF8.GetBytes(rest[..plain], _bytes);
            if (plain < rest.Length)
            {
                Escape(rest[plain++]);
            }

            rest = rest[plain..];
        }
    }

    private bool NeedsEscape(char c)
    {
        return c is '"' or '\\' or < ' ' || (asciiOnly && c is '/' or > '~');
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
                _bytes.Write(Encoding.ASCII.GetBytes($"\\u{(int)c:x4}"));
                break;
        }
    }

    private void Byte(char c)
    {
        _bytes.GetSpan(1)[0] = (byte)c;
        _bytes.Advance(1);
    }
}
