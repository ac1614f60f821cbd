using System.Buffers.Binary;
using System.Text;

namespace Rookery.Grains.Interfaces;

/// <summary>Reads what <see cref="FlatWriter"/> wrote.</summary>
/// <param name="buffer">The bytes.</param>
public struct FlatReader(byte[] buffer)
{
    /// <summary>Bytes read.</summary>
    public int Position { get; private set; }

    /// <summary>Whether all was read.</summary>
    public readonly bool AtEnd => Position >= buffer.Length;

    /// <summary>Reads a byte.</summary>
    /// <exception cref="InvalidDataException">The bytes end here; so with all below.</exception>
    public byte Byte() => Position < buffer.Length ? buffer[Position++] : throw Truncated();

    /// <summary>Reads a number.</summary>
    public long Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return (long)value;
            }
        }

        throw new InvalidDataException($"a number at byte {Position} does not end");
    }

    /// <summary>Reads a number that is a count or a length.</summary>
    public int Count()
    {
        var value = Number();
        return value is >= 0 and <= int.MaxValue ? (int)value : throw new InvalidDataException($"{value} at byte {Position} is no count");
    }

    /// <summary>Reads a number with a fraction.</summary>
    public double Real() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8).Span);

    /// <summary>Reads a length and bytes, which stay where they are.</summary>
    public ReadOnlyMemory<byte> Bytes() => Take(Count());

    /// <summary>Reads a text, or null.</summary>
    public string? Text()
    {
        var length = Count();
        return length == 0 ? null : Encoding.UTF8.GetString(Take(length - 1).Span);
    }

    /// <summary>Reads an id.</summary>
    public Guid Id() => new(Take(16).Span);

    private ReadOnlyMemory<byte> Take(int count)
    {
        if (buffer.Length - Position < count)
        {
            throw Truncated();
        }

        Position += count;
        return buffer.AsMemory(Position - count, count);
    }

    private readonly InvalidDataException Truncated() => new($"the {buffer.Length} bytes end in the middle of something");
}
