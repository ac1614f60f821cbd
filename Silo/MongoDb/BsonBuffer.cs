using System.Buffers.Binary;
using System.Buffers.Text;
using MongoDB.Bson;

namespace Rookery.Silo;

/// <summary>
/// Writes a BSON document byte by byte from UTF-8, without an object per value and without a detour over UTF-16. Used again
/// after <see cref="Clear"/>; one thread at a time.
/// </summary>
internal sealed class BsonBuffer
{
    private byte[] _bytes = new byte[4096];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    public void Clear() => Length = 0;

    /// <summary>Goes back to an earlier length.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>A copy of what was written, which is one whole document.</summary>
    public RawBsonDocument ToDocument() => new(_bytes.AsSpan(0, Length).ToArray());

    /// <summary>Begins a document; the outermost one, or after a name one within.</summary>
    /// <returns>What <see cref="End"/> wants.</returns>
    public int Begin()
    {
        var start = Length;
        Reserve(4);
        Length += 4;
        return start;
    }

    /// <summary>Ends a document or an array.</summary>
    public void End(int start)
    {
        Byte(0);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(start), Length - start);
    }

    /// <summary>Begins a field; a value of that type has to follow. The name must have no zero byte.</summary>
    public void Name(BsonType type, ReadOnlySpan<byte> name)
    {
        var span = Reserve(name.Length + 2);
        span[0] = (byte)type;
        name.CopyTo(span[1..]);
        span[name.Length + 1] = 0;
        Length += name.Length + 2;
    }

    /// <summary>Begins an item of an array.</summary>
    public void Name(BsonType type, int index)
    {
        Span<byte> name = stackalloc byte[11];
        Utf8Formatter.TryFormat(index, name, out var length);
        Name(type, name[..length]);
    }

    public void Document(ReadOnlySpan<byte> name, out int start)
    {
        Name(BsonType.Document, name);
        start = Begin();
    }

    public void Array(ReadOnlySpan<byte> name, out int start)
    {
        Name(BsonType.Array, name);
        start = Begin();
    }

    public void String(ReadOnlySpan<byte> name, ReadOnlySpan<byte> utf8)
    {
        Name(BsonType.String, name);
        Value(utf8);
    }

    public void Int64(ReadOnlySpan<byte> name, long value)
    {
        Name(BsonType.Int64, name);
        Value(value);
    }

    public void Int32(ReadOnlySpan<byte> name, int value)
    {
        Name(BsonType.Int32, name);
        Value(value);
    }

    public void Double(ReadOnlySpan<byte> name, double value)
    {
        Name(BsonType.Double, name);
        Value(value);
    }

    /// <summary>A time in milliseconds since 1970 (UTC).</summary>
    public void Date(ReadOnlySpan<byte> name, long milliseconds)
    {
        Name(BsonType.DateTime, name);
        Value(milliseconds);
    }

    public void Value(ReadOnlySpan<byte> utf8)
    {
        var span = ReserveString(utf8.Length);
        utf8.CopyTo(span);
        EndString(utf8.Length);
    }

    /// <summary>Room for a string of at most so many bytes; <see cref="EndString"/> says how many were written.</summary>
    public Span<byte> ReserveString(int most) => Reserve(most + 5)[4..];

    public void EndString(int length)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(Length), length + 1);
        _bytes[Length + 4 + length] = 0;
        Length += length + 5;
    }

    public void Value(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);
        Length += 8;
    }

    public void Value(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), value);
        Length += 4;
    }

    public void Value(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(Reserve(8), value);
        Length += 8;
    }

    public void Value(bool value) => Byte(value ? (byte)1 : (byte)0);

    private void Byte(byte value)
    {
        Reserve(1)[0] = value;
        Length++;
    }

    private Span<byte> Reserve(int bytes)
    {
        if (_bytes.Length - Length < bytes)
        {
            System.Array.Resize(ref _bytes, Math.Max(checked(Length + bytes), _bytes.Length * 2));
        }

        return _bytes.AsSpan(Length);
    }
}
