using System.Text;

namespace Rookery.Broker;

/// <summary>Reads what <see cref="ByteWriter"/> wrote.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; set; }

    public readonly bool AtEnd => Position >= _bytes.Length;

    public byte Byte() => Position < _bytes.Length ? _bytes[Position++] : throw Truncated();

    public long Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return (long)value;
            }
        }

        throw new InvalidDataException($"a number at byte {Position} of the records does not end");
    }

    public long Signed()
    {
        var value = (ulong)Number();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public int Count()
    {
        var value = Number();
        return value is >= 0 and <= int.MaxValue ? (int)value : throw new InvalidDataException($"{value} at byte {Position} of the records is no count");
    }

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (_bytes.Length - Position < count)
        {
            throw Truncated();
        }

        var result = _bytes.Slice(Position, count);
        Position += count;
        return result;
    }

    public string Text() => Encoding.UTF8.GetString(Bytes(Count()));

    public readonly ReadOnlySpan<byte> Between(int start, int end) => _bytes[start..end];

    private readonly InvalidDataException Truncated() => new($"a record ends behind the {_bytes.Length} bytes of its frame");
}
