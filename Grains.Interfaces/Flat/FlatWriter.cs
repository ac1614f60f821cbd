using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Rookery.Grains.Interfaces;

/// <summary>Writes numbers (7 bits a byte, least first), bytes and texts into one pooled buffer. For one writer; not to be copied.</summary>
public sealed class FlatWriter : IDisposable
{
    private byte[] _buffer;

    /// <summary>Creates a writer with room for so many bytes; it grows.</summary>
    public FlatWriter(int capacity = 1024) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Forgets what was written.</summary>
    public void Clear() => Length = 0;

    /// <summary>What was written, until more is written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => _buffer.AsSpan(0, Length).ToArray();

    /// <summary>Writes a byte.</summary>
    public void Byte(byte value)
    {
        Reserve(1)[0] = value;
        Length++;
    }

    /// <summary>Writes a number; small ones that are not negative take few bytes.</summary>
    public void Number(long value)
    {
        var span = Reserve(10);
        var rest = (ulong)value;
        var at = 0;
        while (rest >= 0x80)
        {
            span[at++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        span[at++] = (byte)rest;
        Length += at;
    }

    /// <summary>Writes a number with a fraction, in eight bytes.</summary>
    public void Real(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(Reserve(8), value);
        Length += 8;
    }

    /// <summary>Writes a length and bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Number(bytes.Length);
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Writes a text, or null.</summary>
    public void Text(string? text)
    {
        if (text is null)
        {
            Number(0);
            return;
        }

        var bytes = Encoding.UTF8.GetByteCount(text);
        Number(bytes + 1L);
        Length += Encoding.UTF8.GetBytes(text, Reserve(bytes));
    }

    /// <summary>Writes an id.</summary>
    public void Id(Guid id)
    {
        id.TryWriteBytes(Reserve(16));
        Length += 16;
    }

    /// <summary>Gives the buffer back; the writer must not be used after that.</summary>
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            Length = 0;
        }
    }

    private Span<byte> Reserve(int bytes)
    {
        if (_buffer.Length - Length < bytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(Length + bytes), _buffer.Length * 2));
            _buffer.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsSpan(Length);
    }
}
